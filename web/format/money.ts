/**
 * Money for people. Amounts come as exact decimal text, or as a number where they are a sum or a difference made for a picture.
 * Two digits are told at least, and nothing is rounded to zero: `$12.40`, `$0.0042`, `<$0.0001`.
 */
export function money(amount: string | number | null | undefined): string {
  if (amount === null || amount === undefined) return 'unknown';
  const value = Number(amount);
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size === 0) return '$0';
  if (size < 0.0001) return `${sign}<$0.0001`;
  if (size < 0.0995) return `${sign}$${size.toPrecision(2)}`;
  return `${sign}$${grouped(size)}`;
}

/** For headlines and axes: two decimals, `<$0.01`, and no decimals from $10,000 on. */
export function coarseMoney(amount: string | number | null | undefined): string {
  if (amount === null || amount === undefined) return 'unknown';
  const value = Number(amount);
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size === 0) return '$0';
  return size < 0.01 ? `${sign}<$0.01` : `${sign}$${grouped(size)}`;
}

/** Nano-USD, as records hold it. */
export const nanoMoney = (nanoUsd: number | null | undefined): string =>
  money(nanoUsd === null || nanoUsd === undefined ? null : nanoUsd / 1e9);

const grouped = (size: number): string =>
  size.toLocaleString('en-US', size < 10_000 ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { maximumFractionDigits: 0 });
