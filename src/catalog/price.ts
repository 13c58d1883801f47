import type { Cost, PriceStatus } from '../core/record.ts';
import type { Buckets, NanoUsd } from '../core/usage.ts';
import type { RateCard } from './card.ts';
import { billOf, isEmpty, type Bill } from './lines.ts';
import { settle } from './settle.ts';
import { tierEffect, type PriceContext, type TierEffect } from './tier.ts';

/** Nothing was used. */
export const noCost: Cost = { total: 0 as NanoUsd, byBucket: {}, status: 'none', flags: [] };
/** The operation is not billed, such as counting tokens. */
export const freeCost: Cost = { total: 0 as NanoUsd, byBucket: {}, status: 'free', flags: [] };

const unknownModel: Cost = { total: null, byBucket: {}, status: 'unpriced', flags: ['model_unknown'] };

/**
 * What `buckets` cost at the rates of `card`. Integers throughout, rounded once. Never throws.
 * `total` is null, never 0, when the model, a count, a rate or the served tier is unknown; `byBucket` then holds what is known, if the tier is.
 */
export function price(card: RateCard | undefined, buckets: Buckets, context: PriceContext): Cost {
  if (isEmpty(buckets)) return noCost;
  if (!card) return unknownModel;
  const effect = tierEffect(card, context);
  const bill = billOf(card, buckets, effect.modifiers);
  const settled = effect.unknown ? undefined : settle(bill.lines, bill.denominator);
  const complete = settled && !bill.incomplete;
  return {
    total: complete ? settled.total : null,
    byBucket: settled?.byBucket ?? {},
    status: complete ? statusOf(bill) : 'unpriced',
    flags: flagsOf(card, effect, bill),
    priceVersion: card.priceVersion,
  };
}

const statusOf = (bill: Bill): PriceStatus => (bill.fallback ? 'fallback_rate' : 'exact');

const noFlags: readonly string[] = [];

function flagsOf(card: RateCard, effect: TierEffect, bill: Bill): readonly string[] {
  if (card.flags.length + effect.flags.length + bill.flags.length === 0) return noFlags;
  return [...card.flags, ...effect.flags, ...bill.flags];
}
