/** Pico-USD, 1e-12 USD: 1 USD per million tokens is 1,000,000 of them a token. */
export type PicoUsd = number;

const decimalText = /^(\d{1,15})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * `text` x 10^`exponent` as an integer, rounded half-even where digits are left over. The text is never read as a binary float.
 * @throws {RangeError} when `text` is no plain decimal >= 0, or the result is no safe integer.
 */
export function scaledInteger(text: string, exponent: number): number {
  const match = decimalText.exec(text.trim());
  if (!match) throw new RangeError(`not a decimal number >= 0: ${JSON.stringify(text)}`);
  const [, whole = '', fraction = '', power = '0'] = match;
  const value = shifted(BigInt(whole + fraction), exponent + Number(power) - fraction.length);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`too large: ${text}`);
  return Number(value);
}

function shifted(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideHalfEven(digits, 10n ** BigInt(-exponent));
}

/** `dividend` >= 0, `divisor` > 0. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice < divisor || (twice === divisor && quotient % 2n === 0n)) return quotient;
  return quotient + 1n;
}

/**
 * A price as written: a number becomes a decimal of at most 12 significant digits first, which undoes float noise such as 0.00010300000000000001.
 * @throws {RangeError} for a number that is negative or not finite.
 */
export function decimalOf(value: number | string): string {
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`not a price: ${value}`);
  return Number(value.toPrecision(12)).toString();
}

/** USD per million tokens -> pico-USD per token. @throws {RangeError} as `scaledInteger` */
export const picoPerToken = (usdPerMillion: number | string): PicoUsd => scaledInteger(decimalOf(usdPerMillion), 6);
/** USD per thousand uses -> pico-USD per use. @throws {RangeError} as `scaledInteger` */
export const picoPerUse = (usdPerThousand: number | string): PicoUsd => scaledInteger(decimalOf(usdPerThousand), 9);

/** Pico-USD per token -> USD per million tokens (`exponent` 6), or per use -> USD per thousand uses (9), as a decimal string. */
export function usdText(pico: PicoUsd, exponent: number): string {
  const digits = BigInt(pico)
    .toString()
    .padStart(exponent + 1, '0');
  const fraction = digits.slice(-exponent).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -exponent) : `${digits.slice(0, -exponent)}.${fraction}`;
}
