import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every secret of a virtual key begins with. */
export const secretPrefix = 'mod-';
/** Base-62 digits of 256 bits, and of the CRC-32 behind them. */
const bodyDigits = 43;
const checkDigits = 6;
/** For scanners of secrets: nothing else of ours looks like it. */
export const secretPattern = /mod-[0-9A-Za-z]{49}/;
const whole = new RegExp(`^${secretPattern.source}$`);

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A new secret: 256 random bits, and a checksum, so that a typing error is told from a wrong key. */
export function newSecret(random: (bytes: number) => Uint8Array = randomBytes): string {
  const body = base62(BigInt(`0x${Buffer.from(random(32)).toString('hex')}`), bodyDigits);
  return `${secretPrefix}${body}${checkOf(body)}`;
}

/** Whether a text is a secret without a typing error. */
export const isSecret = (text: string): boolean =>
  whole.test(text) && text.endsWith(checkOf(text.slice(secretPrefix.length, -checkDigits)));

/** What is kept of a secret: SHA-256, hex. */
export const hashOf = (secret: string): string => hash('sha256', secret, 'hex');

/** The last characters, by which its owner knows it again. */
export const hintOf = (secret: string): string => secret.slice(-4);

const checkOf = (body: string): string => base62(BigInt(crc32(secretPrefix + body)), checkDigits);

function base62(value: bigint, digits: number): string {
  let rest = value;
  let text = '';
  for (let at = 0; at < digits; at += 1) {
    text = alphabet[Number(rest % 62n)]! + text;
    rest /= 62n;
  }
  return text;
}
