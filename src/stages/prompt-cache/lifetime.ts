import type { CacheFactors, CacheRule } from '../../catalog/cache-rules.ts';
import type { Gaps } from './gaps.ts';

/** What is weighed when a prefix may be written. Tokens. */
export interface Weighing {
  /** The whole prefix, and the part of it that is kept already. */
  readonly prefix: number;
  readonly read: number;
  /** The chance that it is asked for again at all. */
  readonly again: number;
  readonly gaps: Gaps;
}

export interface Choice {
  readonly ttl: string;
  readonly ttlMs: number;
  /** Expected gain over not writing, in tokens of plain input. */
  readonly gain: number;
}

/** Reads of a prefix that are counted on at most. */
const readsMax = 10;

/**
 * The lifetime that gains most over not writing, by the model's own prices, if conversations go on as they did; `undefined`: none gains.
 * A lifetime without a price is not chosen.
 */
export function bestLifetime(rule: CacheRule, factors: CacheFactors, weighing: Weighing): Choice | undefined {
  const shortestMs = rule.lifetimes[0]!.ms;
  let best: Choice | undefined;
  for (const { ttl, ms } of rule.lifetimes) {
    const write = factors.write[ttl];
    if (write === undefined) continue;
    const gain = gainOf(weighing, factors.read, write, { ms, shortestMs });
    if (gain > 0 && (!best || gain > best.gain)) best = { ttl, ttlMs: ms, gain };
  }
  return best;
}

function gainOf(
  { prefix, read, again, gaps }: Weighing,
  readFactor: number,
  write: number,
  { ms, shortestMs }: { readonly ms: number; readonly shortestMs: number },
): number {
  const inTime = gaps.within(ms);
  const next = again * inTime;
  const reads = Math.min(readsMax, next / Math.max(1 - next, 1 / readsMax));
  const more = prefix - read;
  const saved = reads * (1 - readFactor) * more;
  const premium = (write - 1) * more;
  const rewritten = again * (1 - inTime) * (write - 1) * prefix; // what a long gap loses is written once more
  const outlived = again * (inTime - gaps.within(shortestMs)) * (1 - readFactor) * read; // what is kept already lives longer, too
  return saved + outlived - premium - rewritten;
}
