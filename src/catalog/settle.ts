import type { NanoUsd } from '../core/usage.ts';
import { divideHalfEven } from './decimal.ts';
import type { Line } from './lines.ts';

/** Integer nano-USD. `total` is rounded once, half-even; `parts` are those of the lines, in order, and sum to it. */
export interface Settled {
  readonly total: NanoUsd;
  readonly parts: readonly NanoUsd[];
}

const picoPerNano = 1000;

/** Sums in plain numbers while they are exact, else in big integers. `undefined`: the total is no safe integer of nano-USD. */
export function settle(lines: readonly Line[], denominator: number): Settled | undefined {
  return settleInNumbers(lines, denominator) ?? settleInBigInts(lines, denominator);
}

/** `undefined` when the sum leaves the safe integers. */
export function settleInNumbers(lines: readonly Line[], denominator: number): Settled | undefined {
  let sum = 0;
  let largest = 0;
  // A sum that is really 2^53 or more is never rounded to less, so one comparison at the end is enough.
  for (let at = 0; at < lines.length; at++) {
    sum += amountOf(lines[at]!);
    if (amountOf(lines[at]!) > amountOf(lines[largest]!)) largest = at;
  }
  if (sum > Number.MAX_SAFE_INTEGER) return undefined;
  const divisor = denominator * picoPerNano;
  const total = roundHalfEven(sum, divisor);
  // Rounded down, the parts never exceed the total: what is left over goes to the largest.
  const parts = lines.map((line) => wholeQuotient(amountOf(line), divisor));
  if (lines.length > 0) parts[largest]! += total - parts.reduce((a, b) => a + b, 0);
  return { total: total as NanoUsd, parts: parts as NanoUsd[] };
}

/** The same in big integers. `undefined` only when the total is no safe integer of nano-USD. */
export function settleInBigInts(lines: readonly Line[], denominator: number): Settled | undefined {
  const amounts = lines.map(({ count, rate, numerator }) => BigInt(count) * BigInt(rate.pico) * BigInt(numerator));
  const divisor = BigInt(denominator) * BigInt(picoPerNano);
  const total = divideHalfEven(sumOf(amounts), divisor);
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const parts = amounts.map((amount) => amount / divisor);
  const largest = amounts.reduce((best, amount, at) => (amount > amounts[best]! ? at : best), 0);
  if (lines.length > 0) parts[largest]! += total - sumOf(parts);
  return { total: Number(total) as NanoUsd, parts: parts.map((part) => Number(part) as NanoUsd) };
}

const amountOf = ({ count, rate, numerator }: Line): number => count * rate.pico * numerator;
const sumOf = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

// Both are exact for safe integers: a remainder is exact, and so is the division of what is left.
const wholeQuotient = (dividend: number, divisor: number): number => (dividend - (dividend % divisor)) / divisor;

function roundHalfEven(dividend: number, divisor: number): number {
  const quotient = wholeQuotient(dividend, divisor);
  const twice = (dividend % divisor) * 2;
  if (twice < divisor || (twice === divisor && quotient % 2 === 0)) return quotient;
  return quotient + 1;
}
