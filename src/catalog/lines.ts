import { inputBuckets, outputBuckets, unitBuckets, type Bucket, type Buckets } from '../core/usage.ts';
import { snakeCase, type Modifier, type Rate, type RateCard, type RateTable } from './card.ts';

/** One bucket of a bill, or the fee of the request. */
export interface Line {
  readonly bucket: Bucket;
  /** The fee has no bucket of its own and is booked under `input`. */
  readonly isFee?: true;
  readonly count: number;
  readonly rate: Rate;
  /** Times the rate, over the bill's `denominator`. */
  readonly numerator: number;
}

export interface Bill {
  readonly lines: readonly Line[];
  /** Common to all lines. */
  readonly denominator: number;
  readonly flags: readonly string[];
  /** A count or a rate is unknown, so the lines are only a part. */
  readonly incomplete: boolean;
  /** A rate of another bucket was used where that may be wrong. */
  readonly fallback: boolean;
}

type Side = 'input' | 'output' | 'unit';
const sides = new Map<string, Side>([
  ...inputBuckets.map((bucket) => [bucket, 'input'] as const),
  ...outputBuckets.map((bucket) => [bucket, 'output'] as const),
  ...unitBuckets.map((bucket) => [bucket, 'unit'] as const),
]);

/** Whether nothing was used and nothing is unknown. */
export function isEmpty(buckets: Buckets): boolean {
  for (const bucket in buckets) {
    const count = buckets[bucket as Bucket];
    if (count !== 0 && count !== undefined && sides.has(bucket)) return false;
  }
  return true;
}

/** What is to be paid at `card`, bucket by bucket, in the order of `buckets`; not yet summed. */
export function billOf(card: RateCard, buckets: Buckets, modifiers: readonly Modifier[]): Bill {
  const rates = ratesFor(card, buckets);
  const lines: Line[] = [];
  const flags: string[] = [];
  let incomplete = false;
  let fallback = false;
  for (const key in buckets) {
    const bucket = key as Bucket;
    const count = buckets[bucket];
    const side = sides.get(bucket);
    if (count === 0 || count === undefined || !side) continue;
    const rate = rates[bucket];
    if (isCount(count) && rate) {
      lines.push({ bucket, count, rate, numerator: side === 'unit' ? denominatorOf(modifiers) : numeratorOf(modifiers, bucket) });
      if (rate.flag === undefined) continue;
      fallback = true;
      flags.push(rate.flag);
    } else {
      incomplete = true;
      if (count !== null) flags.push(`${isCount(count) ? 'rate_missing' : 'count_invalid'}:${snakeCase(bucket)}`);
    }
  }
  if (card.requestFee > 0) {
    lines.push(feeLine(card.requestFee, denominatorOf(modifiers)));
    flags.push('request_fee_in_input');
  }
  return { lines, denominator: denominatorOf(modifiers), flags, incomplete, fallback };
}

const feeLine = (pico: number, numerator: number): Line => ({
  bucket: 'input',
  isFee: true,
  count: 1,
  rate: { pico, of: 'input', flag: undefined },
  numerator,
});

const isCount = (count: number | null): count is number => Number.isSafeInteger(count) && (count as number) > 0;

/** The context tier is chosen on all input, cached or not, and holds for the whole request. */
function ratesFor(card: RateCard, buckets: Buckets): RateTable {
  const { tiers } = card;
  if (tiers.length === 1) return tiers[0]!.rates;
  let input = 0;
  for (const bucket of inputBuckets) {
    const count = buckets[bucket];
    if (count !== undefined && isCount(count)) input += count;
  }
  return tiers.findLast(({ above }) => input > above)!.rates;
}

function numeratorOf(modifiers: readonly Modifier[], bucket: Bucket): number {
  let product = 1;
  for (const { factor, except } of modifiers) product *= except.has(bucket) ? factor[1] : factor[0];
  return product;
}

function denominatorOf(modifiers: readonly Modifier[]): number {
  let product = 1;
  for (const { factor } of modifiers) product *= factor[1];
  return product;
}
