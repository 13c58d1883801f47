import type { Cost } from '../core/record.ts';
import type { Bucket, Buckets, NanoUsd } from '../core/usage.ts';
import type { RateCard } from './card.ts';
import { billOf, isEmpty, type Bill, type Line } from './lines.ts';
import { settle, type Settled } from './settle.ts';
import { tierEffect, type PriceContext, type TierEffect } from './tier.ts';

/** Nothing was used. */
export const noCost: Cost = { total: 0 as NanoUsd, byBucket: {}, status: 'none', flags: [] };
/** Something was used, and nobody knows what it costs. */
export const unknownCost: Cost = { total: null, byBucket: {}, status: 'unpriced', flags: ['model_unknown'] };

/** A cost and how it came about. */
export interface Pricing {
  readonly cost: Cost;
  readonly bill: Bill;
  readonly effect: TierEffect;
  /** `undefined`: the tier is unknown, or the sum is out of range. */
  readonly settled: Settled | undefined;
}

/**
 * What `buckets` cost at the rates of `card`. Integers throughout, rounded once. Never throws.
 * `total` is null, never 0, when the model, a count, a rate or the served tier is unknown; `byBucket` then holds what is known, if the tier is.
 */
export function price(card: RateCard | undefined, buckets: Buckets, context: PriceContext): Cost {
  if (isEmpty(buckets)) return noCost;
  return card ? pricing(card, buckets, context).cost : unknownCost;
}

export function pricing(card: RateCard, buckets: Buckets, context: PriceContext): Pricing {
  const effect = tierEffect(card, context);
  const bill = billOf(card, buckets, effect.modifiers);
  const settled = effect.unknown ? undefined : settle(bill.lines, bill.denominator);
  const complete = settled && !bill.incomplete;
  const cost: Cost = {
    total: complete ? settled.total : null,
    byBucket: settled ? byBucket(bill.lines, settled.parts) : {},
    status: !complete ? 'unpriced' : bill.fallback ? 'fallback_rate' : 'exact',
    flags: flagsOf(card, effect, bill),
    priceVersion: card.priceVersion,
  };
  return { cost, bill, effect, settled };
}

function byBucket(lines: readonly Line[], parts: readonly NanoUsd[]): Cost['byBucket'] {
  const sums: { [B in Bucket]?: NanoUsd } = {};
  for (let at = 0; at < lines.length; at++) {
    const { bucket } = lines[at]!;
    sums[bucket] = ((sums[bucket] ?? 0) + parts[at]!) as NanoUsd;
  }
  return sums;
}

const noFlags: readonly string[] = [];

function flagsOf(card: RateCard, effect: TierEffect, bill: Bill): readonly string[] {
  if (card.flags.length + effect.flags.length + bill.flags.length === 0) return noFlags;
  return [...card.flags, ...effect.flags, ...bill.flags];
}
