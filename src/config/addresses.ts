import { BlockList, isIP } from 'node:net';

type Subnet = readonly [network: string, prefix: number, family?: 'ipv6'];

const listOf = (subnets: readonly Subnet[]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix, family = 'ipv4'] of subnets) list.addSubnet(network, prefix, family);
  return list;
};

const loopback = listOf([
  ['127.0.0.0', 8],
  ['::1', 128, 'ipv6'],
]);
const near = listOf([
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
]);

const contains = (list: BlockList, address: string): boolean => {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
};

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

/** Whether only this machine can reach `host`: an address, with or without brackets, or a name. */
export function isLoopback(host: string): boolean {
  const name = bare(host);
  return name === 'localhost' || name.endsWith('.localhost') || contains(loopback, name);
}

/** Whether `host` is this machine or one of a private network; a name without a dot is one, as in Docker. */
export function isPrivate(host: string): boolean {
  const name = bare(host);
  if (isLoopback(name) || contains(near, name)) return true;
  return isIP(name) === 0 && (!name.includes('.') || /\.(local|internal|lan|home\.arpa)$/.test(name));
}

/** Whether `url` reaches a server that listens on `host` and `port`. */
export function pointsAt(url: string, { host, port }: { readonly host: string; readonly port: number }): boolean {
  const { hostname, port: written, protocol } = new URL(url);
  if (Number(written || (protocol === 'https:' ? 443 : 80)) !== port) return false;
  return bare(hostname) === bare(host) || isLoopback(hostname);
}
