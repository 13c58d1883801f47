/** Middle of the values; `NaN` of none. Sorts in place. */
export function median(values: number[]): number {
  if (values.length === 0) return Number.NaN;
  values.sort((left, right) => left - right);
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}

/** Median distance from 0, as the standard deviation a normal distribution with it has. */
export const spreadAround0 = (values: readonly number[]): number => normalPerMad * median(values.map(Math.abs));
const normalPerMad = 1.4826;

/** The value below which a share of the sorted values lies. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
