import { priceAttempt } from '../catalog/attempt.ts';
import type { RateCard } from '../catalog/card.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { price } from '../catalog/price.ts';
import type { Cost } from '../core/record.ts';
import { totalInput, type Bucket, type Buckets } from '../core/usage.ts';
import type { AuditCall, ReadCall } from './call.ts';

/** Nano-USD a token, as this call was billed: tier and modifiers included. */
export interface CallRates {
  readonly input: number;
  readonly cacheRead: number;
  /** Of the lifetime it wrote with, else of the shortest one; equal to `input` where writing costs nothing more. */
  readonly cacheWrite: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
}

/** The call with what it cost, unless the record knows. */
export function pricedCall(catalog: Catalog, { cost, inputEach, ...call }: ReadCall): AuditCall {
  return { ...call, cost: cost ?? (inputEach === undefined ? costOf(catalog, call) : costOfSum(catalog, call, inputEach)) };
}

type Unpriced = Omit<ReadCall, 'cost' | 'inputEach'>;

function costOf(catalog: Catalog, call: Unpriced): Cost {
  const { provider, requestModel, model, served, buckets, others, usageSource } = call;
  const usage = { buckets, source: usageSource, flags: [], raw: undefined, ...(others && { others }) };
  return priceAttempt(catalog, { provider, hosting: 'api', requestModel, model, usage, served, at: call.at ?? Date.now() });
}

/** A row that sums calls, at the rates for calls of this size: the sum itself would be in a tier no call was in. */
function costOfSum(catalog: Catalog, { provider, model, buckets, served, at = Date.now() }: Unpriced, inputEach: number): Cost {
  const card = cardOf(catalog, provider, model, at);
  const tier = card?.tiers.findLast(({ above }) => inputEach > above);
  return price(card && tier && { ...card, tiers: [{ ...tier, above: -1 }] }, buckets, { at, served });
}

/** The prices of a model at a provider, by the provider's own list, else by its vendor's. */
export const cardOf = (catalog: Catalog, provider: string, model: string, at: number): RateCard | undefined =>
  catalog.find(provider, model, at) ?? catalog.find(catalog.vendorOf(model) ?? '', model, at);

/** `undefined`: the price of a token is not known, so nothing is said about money. */
export function ratesOf(catalog: Catalog, call: AuditCall): CallRates | undefined {
  if (call.cost.total === null) return undefined;
  const all = totalInput(call.buckets) ?? 0;
  const card = cardOf(catalog, call.provider, call.model, call.at ?? Date.now());
  const rates = card?.tiers.findLast(({ above }) => all > above)?.rates ?? card?.tiers[0]?.rates;
  if (!rates?.input || !rates.output) return undefined;
  const listed = (bucket: Bucket): number => (rates[bucket]?.pico ?? rates.input!.pico) / 1000;
  const factor = factorOf(call, listed);
  const rate = (bucket: Bucket): number => listed(bucket) * factor;
  return {
    input: rate('input'),
    cacheRead: rate('cacheRead'),
    cacheWrite: rate(writtenBucket(call.buckets)),
    cacheWrite5m: rate('cacheWrite5m'),
    cacheWrite1h: rate('cacheWrite1h'),
    output: rate('output'),
  };
}

const writeBuckets = ['cacheWrite1h', 'cacheWrite12h', 'cacheWrite30m', 'cacheWrite5m'] as const;

const writtenBucket = (buckets: Buckets): Bucket => writeBuckets.find((bucket) => (buckets[bucket] ?? 0) > 0) ?? 'cacheWrite';

/** What tiers and modifiers made of the list price: read off the largest bucket that was paid for. */
function factorOf({ buckets, cost }: AuditCall, listed: (bucket: Bucket) => number): number {
  let [best, factor] = [0, 1];
  for (const bucket of ['input', 'cacheRead', 'output', ...writeBuckets] as const) {
    const [tokens, nano] = [buckets[bucket] ?? 0, cost.byBucket[bucket] ?? 0];
    if (tokens <= best || nano === 0 || listed(bucket) === 0) continue;
    best = tokens;
    factor = nano / (tokens * listed(bucket));
  }
  return Math.abs(factor - 1) < 0.01 ? 1 : factor;
}
