import { BlockList, isIP } from 'node:net';

const cidr = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/;

/** Whether a text is an address or a CIDR block. */
export function isNetwork(text: string): boolean {
  const [, address = text, bits] = cidr.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && (bits === undefined || Number(bits) <= (version === 6 ? 128 : 32));
}

/** Finds out whether an address lies in one of `networks`. What is no address lies in none. @throws for what is no network */
export function networkMatcher(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) addTo(list, network);
  return (address) => {
    const plain = unmapped(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  };
}

function addTo(list: BlockList, network: string): void {
  const [address, bits] = network.split('/') as [string, string?];
  const version = isIP(address);
  if (version === 0) throw new RangeError(`no network: ${network}`);
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

/** Sockets that listen on IPv6 give addresses of IPv4 as `::ffff:192.0.2.1`. */
export const unmapped = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
