import type { RateCard } from '../catalog/card.ts';
import { price } from '../catalog/price.ts';
import type { PriceContext } from '../catalog/tier.ts';
import { totalInput, type Buckets, type NanoUsd } from '../core/usage.ts';

export interface PrefixChange {
  /** Input as the provider would bill it without the change: what its cache would have served. */
  readonly before: Buckets;
  /** Input as it bills it with the change: lost reads are writes or fresh input now. */
  readonly after: Buckets;
  /** Calls of the conversation that will read the new prefix after this one. @default 0 */
  readonly laterCalls?: number;
}

/**
 * What a changed prompt saves, in nano-USD at the model's own prices, net of the reads it loses and of what is written again; below 0 it
 * costs. Shortening a prompt that was cached pays only over later calls, each of which reads all of it from the cache. `null`: a count or a
 * price is unknown. With counts of the provider's own bill the result is `measured`, with anybody else's it is `estimated`.
 */
export function prefixSaving(
  card: RateCard | undefined,
  { before, after, laterCalls = 0 }: PrefixChange,
  context: PriceContext,
): NanoUsd | null {
  const saved = (left: Buckets, right: Buckets): number | null => {
    const [without, withIt] = [price(card, left, context).total, price(card, right, context).total];
    return without === null || withIt === null ? null : without - withIt;
  };
  const now = saved(before, after);
  const later = laterCalls === 0 ? 0 : saved(readWhole(before), readWhole(after));
  return now === null || later === null ? null : ((now + later * laterCalls) as NanoUsd);
}

const readWhole = (buckets: Buckets): Buckets => ({ cacheRead: totalInput(buckets) });
