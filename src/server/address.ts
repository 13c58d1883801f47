import type { IncomingMessage } from 'node:http';
import { networkMatcher, unmapped } from '../keys/networks.ts';

/**
 * Finds the address of a client. Behind proxies that are trusted it is the last one of `x-forwarded-for` that is not trusted itself: what
 * stands before it the client may have written. Anyone else's `x-forwarded-for` is not read.
 */
export function addressFinder(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = trustedProxies.length === 0 ? () => false : networkMatcher(trustedProxies);
  return ({ socket, headers }) => {
    const peer = unmapped(socket.remoteAddress ?? '');
    if (!isTrusted(peer)) return peer;
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').map((one) => unmapped(one.trim())).filter(Boolean); // prettier-ignore
    return forwarded.findLast((address) => !isTrusted(address)) ?? forwarded[0] ?? peer;
  };
}
