/**
 * How often each bucket occurred. Buckets are of whole numbers >= 0: one each up to 31, then 16 of equal width between a power of two and
 * the next, so none is wider than a sixteenth of its lower end. They can be added up, and all engines place a value alike.
 */
export type Histogram = ReadonlyMap<number, number>;

export const emptyHistogram: Histogram = new Map();

const subBits = 4;
const sub = 1 << subBits;

/** Bucket of a whole number from 0 to 2^53 - 1. */
export function bucketOf(value: number): number {
  if (value < 2 * sub) return value;
  const shift = Math.floor(Math.log2(value)) - subBits;
  const mantissa = Math.floor(value / 2 ** shift);
  // Just below a power of two the logarithm may round up to it.
  return mantissa < sub ? shift * sub + 2 * mantissa : (shift + 1) * sub + mantissa - sub;
}

/** Lowest value of a bucket. */
export function lowestOf(bucket: number): number {
  if (bucket < 2 * sub) return bucket;
  const shift = Math.floor(bucket / sub) - 1;
  return ((bucket % sub) + sub) * 2 ** shift;
}

export function addToHistogram(histogram: Map<number, number>, bucket: number, count: number): void {
  const sum = (histogram.get(bucket) ?? 0) + count;
  if (sum === 0) histogram.delete(bucket);
  else histogram.set(bucket, sum);
}

export function addHistogram(to: Map<number, number>, from: Histogram): void {
  for (const [bucket, count] of from) addToHistogram(to, bucket, count);
}

/** The value of nearest rank, placed within its bucket as if values lay evenly there; `null` of nothing. At most 6.25 % off. */
export function percentile(histogram: Histogram, share: number): number | null {
  let total = 0;
  for (const count of histogram.values()) total += count;
  if (total === 0) return null;
  let rank = Math.max(1, Math.ceil(total * share));
  for (const [bucket, count] of [...histogram].sort(([left], [right]) => left - right)) {
    if (rank <= count) {
      const low = lowestOf(bucket);
      const width = lowestOf(bucket + 1) - low - 1;
      return low + (width * (rank - 0.5)) / count;
    }
    rank -= count;
  }
  return null;
}

/** `12:5 13:1`, as tables keep it. */
export const histogramText = (histogram: Histogram): string => [...histogram].map(([bucket, count]) => `${bucket}:${count}`).join(' ');

/** Adds a text of `histogramText`, or several joined by spaces. */
export function addHistogramText(to: Map<number, number>, text: string): void {
  let bucket = 0;
  let number = 0;
  let sign = 1;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? space : text.charCodeAt(at);
    if (code === colon) {
      bucket = number;
      number = 0;
    } else if (code === minus) sign = -1;
    else if (code !== space) number = number * 10 + code - zero;
    else {
      if (number > 0) addToHistogram(to, bucket, sign * number);
      number = 0;
      sign = 1;
    }
  }
}
const [space, colon, minus, zero] = [32, 58, 45, 48];
