import type { Bucket, NanoUsd } from '../core/usage.ts';
import { divideHalfEven } from './decimal.ts';
import type { Line } from './lines.ts';

/** Integer nano-USD; `total` is rounded once, half-even, and is the sum of `byBucket`. */
export interface Settled {
  readonly total: NanoUsd;
  readonly byBucket: { readonly [B in Bucket]?: NanoUsd };
}

const picoPerNano = 1000;

/** Sums in plain numbers while they are exact, else in big integers. `undefined`: the total is no safe integer of nano-USD. */
export function settle(lines: readonly Line[], denominator: number): Settled | undefined {
  return settleInNumbers(lines, denominator) ?? settleInBigInts(lines, denominator);
}

/** `undefined` when a sum may leave the safe integers. */
export function settleInNumbers(lines: readonly Line[], denominator: number): Settled | undefined {
  let sum = 0;
  // A product that is really 2^53 or more is never rounded to less, so one comparison at the end is enough.
  for (const line of lines) sum += amountOf(line);
  if (sum > Number.MAX_SAFE_INTEGER) return undefined;
  const divisor = denominator * picoPerNano;
  const total = roundHalfEven(sum, divisor);
  const byBucket: { [B in Bucket]?: NanoUsd } = {};
  let rest = total;
  let largest = lines[0];
  for (const line of lines) {
    const amount = amountOf(line);
    const whole = (amount - (amount % divisor)) / divisor;
    byBucket[line.bucket] = ((byBucket[line.bucket] ?? 0) + whole) as NanoUsd;
    rest -= whole;
    if (amount > amountOf(largest!)) largest = line;
  }
  if (largest) byBucket[largest.bucket] = (byBucket[largest.bucket]! + rest) as NanoUsd;
  return { total: total as NanoUsd, byBucket };
}

/** The same in big integers. `undefined` only when the total is no safe integer of nano-USD. */
export function settleInBigInts(lines: readonly Line[], denominator: number): Settled | undefined {
  const amounts = lines.map(({ count, rate, numerator }) => BigInt(count) * BigInt(rate.pico) * BigInt(numerator));
  const divisor = BigInt(denominator) * BigInt(picoPerNano);
  const sum = amounts.reduce((a, b) => a + b, 0n);
  const total = divideHalfEven(sum, divisor);
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const whole = amounts.map((amount) => amount / divisor);
  const rest = total - whole.reduce((a, b) => a + b, 0n);
  const largest = amounts.reduce((best, amount, at) => (amount > amounts[best]! ? at : best), 0);
  const byBucket: { [B in Bucket]?: NanoUsd } = {};
  for (const [at, { bucket }] of lines.entries()) {
    const part = at === largest ? whole[at]! + rest : whole[at]!;
    byBucket[bucket] = ((byBucket[bucket] ?? 0) + Number(part)) as NanoUsd;
  }
  return { total: Number(total) as NanoUsd, byBucket };
}

const amountOf = ({ count, rate, numerator }: Line): number => count * rate.pico * numerator;

/** Exact for safe integers: a remainder is exact, and so is the division of what is left. */
function roundHalfEven(dividend: number, divisor: number): number {
  const remainder = dividend % divisor;
  const quotient = (dividend - remainder) / divisor;
  const half = divisor / 2;
  if (remainder < half || (remainder === half && quotient % 2 === 0)) return quotient;
  return quotient + 1;
}
