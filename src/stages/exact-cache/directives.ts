import { GatewayError } from '../../core/errors.ts';
import type { Scope } from '../../core/pipeline.ts';
import { headerOf } from '../../core/reply.ts';

/** What the client wants of the cache for one call. */
export interface Directives {
  /** May be answered from the cache, and kept, though it is not deterministic. */
  readonly isWanted: boolean;
  /** Neither answered from the cache nor kept. */
  readonly isOff: boolean;
  /** Answered anew; the answer is kept. */
  readonly isRefresh: boolean;
  /** Answered from the cache or not at all. */
  readonly isOnlyCached: boolean;
  /** Oldest answer that is taken, ms. */
  readonly maxAgeMs: number;
}

const nothing: Directives = { isWanted: false, isOff: false, isRefresh: false, isOnlyCached: false, maxAgeMs: Infinity };
const words = ['on', 'off', 'refresh'];

/** Reads `x-modicum-cache` and `cache-control`. @throws {GatewayError} `invalid_request` for a word of `x-modicum-cache` that is not known */
export function directivesOf({ headers, replyCache }: Pick<Scope, 'headers' | 'replyCache'>): Directives {
  const word = replyCache?.directive?.trim().toLowerCase();
  const control = headerOf(headers, 'cache-control');
  if (word === undefined && control === undefined) return nothing;
  if (word !== undefined && !words.includes(word))
    throw new GatewayError('invalid_request', `x-modicum-cache must be one of ${words.join(', ')}`, { param: 'x-modicum-cache' });
  const said = (control ?? '').split(',').map((part) => part.trim().toLowerCase());
  return {
    isWanted: word === 'on' || word === 'refresh',
    isOff: word === 'off' || said.includes('no-store'),
    isRefresh: word === 'refresh' || said.includes('no-cache'),
    isOnlyCached: said.includes('only-if-cached'),
    maxAgeMs: maxAgeMs(said),
  };
}

/** The smallest of those that can be read: a client that asks twice is held to the stricter one. */
function maxAgeMs(said: readonly string[]): number {
  const ages = said.map((part) => /^max-age="?(\d{1,9})"?$/.exec(part)?.[1]).filter((age) => age !== undefined);
  return Math.min(Infinity, ...ages.map((age) => Number(age) * 1000));
}
