import type { CacheRule } from '../catalog/cache-rules.ts';
import type { RateCard } from '../catalog/card.ts';
import type { PriceContext } from '../catalog/tier.ts';
import type { Buckets, NanoUsd } from '../core/usage.ts';
import { prefixSaving } from './prefix-cost.ts';

/** A prompt whose prefix was repaired, in tokens. */
export interface RepairedPrefix {
  /** What stands before the place where it would have broken. */
  readonly sharedTokens: number;
  /** What is the same as before behind that place, because of the repair. */
  readonly reusedTokens: number;
  /** What the repair says more. */
  readonly addedTokens: number;
  /** Since the call before it in the conversation, ms. */
  readonly gapMs: number;
  /** The client marks its prompt for the cache. */
  readonly isMarked: boolean;
  /** Marks are set where the client sets none. */
  readonly isMarkedByUs: boolean;
}

/**
 * What a repair saves in this call by the rules of the model's cache: what can be read now, less what could have been read without. Nothing
 * is read of a prefix that is too short, that was dropped in the meantime, or that nobody marked where marks are needed. `null`: no rule, or
 * no price. Below 0 where it only added to the prompt.
 */
export function repairSaving(
  card: RateCard | undefined,
  rule: CacheRule | undefined,
  prefix: RepairedPrefix,
  context: PriceContext,
): NanoUsd | null {
  if (!card || !rule) return null;
  const { sharedTokens, reusedTokens, addedTokens } = prefix;
  const readable = (tokens: number): number => (isKept(rule, prefix) && tokens >= rule.minimumTokens ? tokens : 0);
  const more = readable(sharedTokens + reusedTokens) - readable(sharedTokens);
  const unread: Buckets = { [unreadAs(rule, prefix)]: more };
  return prefixSaving(card, { before: unread, after: { cacheRead: more, input: addedTokens } }, context);
}

const isKept = ({ mode, lifetimes }: CacheRule, { gapMs, isMarked, isMarkedByUs }: RepairedPrefix): boolean =>
  gapMs < lifetimes[0]!.ms && (mode !== 'marks' || isMarked || isMarkedByUs);

/** What is marked, or kept unasked for a price, would have been written anew; the marks that are ours are not set on what breaks each time. */
const unreadAs = ({ mode, lifetimes }: CacheRule, { isMarked }: RepairedPrefix): keyof Buckets =>
  mode === 'options' || (mode === 'marks' && isMarked) ? lifetimes[0]!.bucket : 'input';
