declare const unit: unique symbol;
type Brand<T, Name extends string> = T & { readonly [unit]: Name };
/** Money, in integer nano-US-dollars (1e-9 USD). Exact sums up to 9.0 million USD. */
export type NanoUsd = Brand<number, 'NanoUsd'>;
/** A count of tokens, integer >= 0. */
export type Tokens = Brand<number, 'Tokens'>;

/** Token buckets that never overlap: the sum of the input buckets is the whole input, the sum of the output buckets the whole output. */
export const inputBuckets = [
  'input', // fresh text
  'inputAudio',
  'inputImage',
  'inputVideo',
  'cacheRead',
  'cacheReadAudio',
  'cacheReadImage',
  'cacheReadVideo',
  'cacheWrite', // lifetime not stated
  'cacheWrite5m',
  'cacheWrite30m',
  'cacheWrite1h',
  'cacheWrite12h',
] as const;
export const outputBuckets = [
  'output', // visible text, tool-call arguments included
  'reasoning',
  'outputAudio',
  'outputImage',
] as const;
/** Things billed by the piece, beside tokens. */
export const unitBuckets = ['webSearch', 'webFetch', 'fileSearch', 'codeExecution', 'imageGeneration', 'pages'] as const;

export type InputBucket = (typeof inputBuckets)[number];
export type OutputBucket = (typeof outputBuckets)[number];
export type UnitBucket = (typeof unitBuckets)[number];
export type Bucket = InputBucket | OutputBucket | UnitBucket;

/** Counts by bucket. Absent: 0. `null`: the provider did not say, so it is unknown (never 0). */
export type Buckets = { readonly [B in Bucket]?: number | null };

/** Where a count came from: the provider's own usage; part of it; our estimate; a reply cache (nothing billed). */
export type UsageSource = 'provider' | 'partial' | 'estimated' | 'cache';

/** What one attempt used, as the provider's reply said it. */
export interface UsageReport {
  readonly buckets: Buckets;
  readonly source: UsageSource;
  /** Quality marks, stored with the row: `aborted`, `output_estimated`, `cache_read_exceeds_input` ... */
  readonly flags: readonly string[];
  /** The provider's usage object, verbatim JSON text; several joined as a JSON list. */
  readonly raw: string | undefined;
  /** Entries billed at another model's rates (Anthropic `iterations`), beside `buckets`. */
  readonly others?: readonly { readonly model: string; readonly buckets: Buckets }[];
  /** What the provider itself says the call cost: a decimal string in its own unit (`usd`, `credits`, `usd_ticks` = 1e-10 USD). */
  readonly providerCost?: { readonly amount: string; readonly unit: 'usd' | 'credits' | 'usd_ticks' };
}

/** Facts of the reply that change its price. Words as the provider writes them. */
export interface ServedTier {
  /** OpenAI `service_tier`, Anthropic `usage.service_tier`, Google `trafficType`. */
  readonly serviceTier?: string;
  /** Anthropic `usage.speed`. */
  readonly speed?: string;
  /** Anthropic `usage.inference_geo`. */
  readonly inferenceGeo?: string;
}

const sumOf = (buckets: Buckets, names: readonly Bucket[]): number | null => {
  let sum = 0;
  for (const name of names) {
    const count = buckets[name];
    if (count === null) return null;
    if (count !== undefined) sum += count;
  }
  return sum;
};

/** All input, cached or not (OTel `gen_ai.usage.input_tokens`); `null` when a part is unknown. */
export const totalInput = (buckets: Buckets): number | null => sumOf(buckets, inputBuckets);
/** All output, reasoning included (OTel `gen_ai.usage.output_tokens`); `null` when a part is unknown. */
export const totalOutput = (buckets: Buckets): number | null => sumOf(buckets, outputBuckets);

/** @planned for budgets. @throws {RangeError} when `count` is not a safe integer >= 0. */
export function tokens(count: number): Tokens {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`not a token count: ${count}`);
  return count as Tokens;
}
