import type { Buckets } from '../core/usage.ts';
import { inputBuckets } from '../core/usage.ts';
import type { Cost } from '../core/record.ts';
import type { Catalog } from './catalog.ts';
import { price } from './price.ts';

/** What a call used, as far as another price of it depends on that. */
export interface PricedCall {
  readonly provider: string;
  readonly model: string;
  readonly buckets: Buckets;
  /** Epoch ms. */
  readonly at: number;
}

export interface WhatIf {
  /** `batch`: the same model as a line of a batch. `uncached`: all input fresh. `model`: another model, the same token counts. */
  readonly kind: 'batch' | 'uncached' | 'model';
  readonly provider: string;
  readonly model: string;
  readonly cost: Cost;
}

/** Other models told at most. */
export const maxOtherModels = 400;

/** What the same tokens would cost otherwise. Other models count the same text a little differently, so theirs is an estimate. What has no price is left out. */
export function whatIf(catalog: Catalog, call: PricedCall, vendors: readonly string[]): readonly WhatIf[] {
  const { provider, model, buckets, at } = call;
  const card = catalog.find(provider, model, at);
  const own = { provider, model };
  const same: readonly WhatIf[] = [
    ...(card?.tierRules.serviceTier?.has('batch')
      ? [{ kind: 'batch' as const, ...own, cost: price(card, buckets, { at, served: {}, batch: true }) }]
      : []),
    ...(hasCached(buckets) ? [{ kind: 'uncached' as const, ...own, cost: price(card, uncached(buckets), { at, served: {} }) }] : []),
  ];
  const others = vendors.flatMap((vendor) => catalog.models(vendor, at)).filter(({ id, deprecated }) => id !== model && !deprecated);
  const priced = others.slice(0, maxOtherModels).map((other): WhatIf => ({
    kind: 'model',
    provider: other.provider,
    model: other.id,
    cost: price(other.card, buckets, { at, served: {} }),
  }));
  return [...same, ...priced].filter(({ cost }) => cost.total !== null);
}

const cacheBuckets = inputBuckets.filter((bucket) => bucket.startsWith('cache'));

const hasCached = (buckets: Buckets): boolean => cacheBuckets.some((bucket) => (buckets[bucket] ?? 0) > 0);

/** Cached text as fresh text; cached audio, pictures and video stay what they are. */
function uncached(buckets: Buckets): Buckets {
  const fresh: { -readonly [B in keyof Buckets]: Buckets[B] } = { ...buckets };
  for (const bucket of cacheBuckets) {
    const kind = /Audio|Image|Video/.exec(bucket)?.[0] ?? '';
    const to = `input${kind}` as keyof Buckets;
    const cached = buckets[bucket];
    if (cached !== undefined) fresh[to] = cached === null || fresh[to] === null ? null : (fresh[to] ?? 0) + cached;
    delete fresh[bucket];
  }
  return fresh;
}
