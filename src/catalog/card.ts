import { inputBuckets, outputBuckets, unitBuckets, type Bucket } from '../core/usage.ts';
import type { Confidence, ModelRow, ModifierRow, PricePeriod, Rates, TieredRate } from './data.ts';
import type { PicoUsd } from './decimal.ts';

/** The rate of a bucket, its own or the one of a related bucket. */
export interface Rate {
  readonly pico: PicoUsd;
  /** The bucket whose rate it is. */
  readonly of: Bucket;
  /** Set when the related rate may be wrong; then the price is marked. */
  readonly flag: string | undefined;
}
export type RateTable = { readonly [B in Bucket]?: Rate };

/** Rates for requests whose total input is larger than `above` tokens; they hold for the whole request. */
export interface ContextTier {
  readonly above: number;
  readonly rates: RateTable;
}

/** A factor of `ModifierRow`, ready for use. */
export interface Modifier {
  readonly factor: readonly [numerator: number, denominator: number];
  /** Buckets it leaves alone. */
  readonly except: ReadonlySet<Bucket>;
  /** Epoch ms from which it holds. */
  readonly from: number;
  readonly flag: string | undefined;
  readonly source: string;
}
/** For a field of `ServedTier`: the modifiers of each word, latest last; none for a word that changes no price. A word not listed has no known price. */
export type TierRules = { readonly [By in ModifierRow['by']]?: ReadonlyMap<string, readonly Modifier[]> };

/** Everything the price of one model needs, for one period. */
export interface RateCard {
  readonly provider: string;
  /** Id of the catalog row, not the name asked for. */
  readonly model: string;
  /** Ascending by `above`; the first is the base, `above` -1. */
  readonly tiers: readonly ContextTier[];
  /** Pico-USD for each request, beside what it holds. */
  readonly requestFee: PicoUsd;
  /** A field that is absent changes none of this provider's prices. */
  readonly tierRules: TierRules;
  /** Marks every price of this card carries. */
  readonly flags: readonly string[];
  /** ISO date from which these rates hold, where the source tells it. */
  readonly from: string | undefined;
  readonly source: string;
  readonly confidence: Confidence;
  readonly priceVersion: string;
}

/** Where a bucket without a rate of its own looks, in order. `silent`: vendors do bill it so, or the reply cannot tell better. */
const fallbacks: { readonly [B in Bucket]?: { readonly to: readonly Bucket[]; readonly silent: readonly Bucket[] } } = {
  inputAudio: { to: ['input'], silent: ['input'] },
  inputImage: { to: ['input'], silent: ['input'] },
  inputVideo: { to: ['input'], silent: ['input'] },
  cacheRead: { to: ['input'], silent: [] },
  cacheReadAudio: { to: ['cacheRead', 'inputAudio', 'input'], silent: ['cacheRead'] },
  cacheReadImage: { to: ['cacheRead', 'inputImage', 'input'], silent: ['cacheRead'] },
  cacheReadVideo: { to: ['cacheRead', 'inputVideo', 'input'], silent: ['cacheRead'] },
  cacheWrite: { to: ['cacheWrite5m', 'input'], silent: ['cacheWrite5m'] },
  cacheWrite5m: { to: ['cacheWrite', 'input'], silent: ['cacheWrite'] },
  cacheWrite30m: { to: ['cacheWrite', 'input'], silent: ['cacheWrite'] },
  cacheWrite1h: { to: ['cacheWrite', 'input'], silent: [] },
  cacheWrite12h: { to: ['cacheWrite', 'input'], silent: [] },
  reasoning: { to: ['output'], silent: ['output'] },
  outputAudio: { to: ['output'], silent: [] },
  outputImage: { to: ['output'], silent: [] },
};

const allBuckets: readonly Bucket[] = [...inputBuckets, ...outputBuckets, ...unitBuckets];

/** What a card takes from elsewhere than its rates. */
export type CardOrigin = Pick<RateCard, 'provider' | 'tierRules' | 'source' | 'confidence' | 'priceVersion'>;

export function cardOf(model: Pick<ModelRow, 'id'>, period: PricePeriod, origin: CardOrigin): RateCard {
  return {
    ...origin,
    model: model.id,
    tiers: thresholdsOf(period.rates).map((above) => ({ above, rates: tableAt(period.rates, above) })),
    requestFee: period.rates.request === undefined ? 0 : rateAt(period.rates.request, -1),
    flags: (period.unmapped ?? []).map((key) => `unmapped_rate:${key}`),
    from: period.from,
  };
}

function thresholdsOf(rates: Rates): readonly number[] {
  const thresholds = new Set([-1]);
  for (const rate of Object.values(rates)) if (typeof rate === 'object') for (const [above] of stepsOf(rate)) thresholds.add(above);
  return [...thresholds].sort((a, b) => a - b);
}

const stepsOf = ([, ...steps]: Exclude<TieredRate, number>): readonly (readonly [number, PicoUsd])[] => steps;

/** The rate in force where the total input is just over `above`. */
function rateAt(rate: TieredRate, above: number): PicoUsd {
  if (typeof rate === 'number') return rate;
  return stepsOf(rate).findLast(([start]) => start <= above)?.[1] ?? rate[0];
}

function tableAt(rates: Rates, above: number): RateTable {
  const table: { [B in Bucket]?: Rate } = {};
  for (const bucket of allBuckets) {
    const rate = resolve(rates, bucket, above);
    if (rate) table[bucket] = rate;
  }
  return table;
}

function resolve(rates: Rates, bucket: Bucket, above: number): Rate | undefined {
  const own = rates[bucket];
  if (own !== undefined) return { pico: rateAt(own, above), of: bucket, flag: undefined };
  const chain = fallbacks[bucket];
  const of = chain?.to.find((candidate) => rates[candidate] !== undefined);
  if (!chain || !of) return undefined;
  const flag = chain.silent.includes(of) ? undefined : `${snakeCase(bucket)}_rate_fallback`;
  return { pico: rateAt(rates[of]!, above), of, flag };
}

/** `cacheWrite12h` -> `cache_write_12h`: flags are written like the fields of the wire. */
export const snakeCase = (bucket: Bucket): string => bucket.replace(/([A-Z]|\d+)/g, (part) => `_${part.toLowerCase()}`);
