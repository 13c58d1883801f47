import { seededRandom, type Random } from './random.ts';

/** An estimate with its interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Comparison {
  /** Mean of the treated over mean of the controls: 0.8 is a fifth less. */
  readonly ratio: Interval;
  /** Mean of the treated less mean of the controls, in the unit of the samples. */
  readonly difference: Interval;
}

export interface CompareOptions {
  /** Of the interval; each side is exceeded with half of what is left. */
  readonly level?: number;
  readonly seed?: number;
  readonly resamples?: number;
}

/** Draws in one comparison at most, so that a large sample takes no longer than this: about a quarter of a second. */
const maxDraws = 20_000_000;
const minResamples = 200;
/** Of a ratio that nobody knows: a number all the same, for JSON has no infinity. */
const maxLog = 100;
const maxResamples = 2000;

/** How often samples of `size` are drawn anew. */
export const resamplesFor = (size: number, draws = maxDraws): number =>
  Math.max(minResamples, Math.min(maxResamples, Math.floor(draws / Math.max(1, size))));

/**
 * Compares the means of two independent samples of costs, 0 or more, by the studentised bootstrap: what is drawn anew is the error in units of
 * its own standard error. The ratio is compared on the log scale. Costs have heavy tails, and the smaller sample often has not met the largest
 * ones yet; so its errors are drawn twice, from itself and from the larger sample, and the wider interval counts. Simulations that led to
 * this: `bench -- holdout`. `undefined` where there is nothing to compare: fewer than two on a side, no
 * spread, a mean of 0, or so few that most resamples have no spread.
 */
export function compare(treated: Float64Array, controls: Float64Array, options: CompareOptions = {}): Comparison | undefined {
  const { level = 0.95, seed = 1, resamples = resamplesFor(treated.length + controls.length) } = options;
  if (treated.length < 2 || controls.length < 2) return undefined;
  const found = apart(momentsOf(treated), momentsOf(controls));
  if (!found || !(found.difference.error > 0)) return undefined;
  const tail = (1 - level) / 2;
  const errors = drawErrors(treated, controls, { found, seed, resamples, tail });
  if (!errors) return undefined;
  const { log, difference } = errors;
  const { value, low, high } = intervalOf(found.log, log);
  return {
    ratio: { value: Math.exp(value), low: Math.exp(low), high: Math.exp(Math.min(high, maxLog)) },
    difference: intervalOf(found.difference, difference),
  };
}

/** How many standard errors the treated lie above the controls, on the log scale: a first look before the bootstrap. */
export function standardErrorsAbove(treated: Float64Array, controls: Float64Array): number {
  const found = treated.length < 2 || controls.length < 2 ? undefined : apart(momentsOf(treated), momentsOf(controls));
  return found && found.log.error > 0 ? found.log.value / found.log.error : 0;
}

interface Moments {
  readonly mean: number;
  /** Variance of the mean. */
  readonly variance: number;
}
interface Estimate {
  readonly value: number;
  /** Standard error. */
  readonly error: number;
}
interface Apart {
  readonly log: Estimate;
  readonly difference: Estimate;
}

function momentsOf(sample: Float64Array): Moments {
  let sum = 0;
  for (const value of sample) sum += value;
  const mean = sum / sample.length;
  let squares = 0;
  for (const value of sample) squares += (value - mean) ** 2;
  return { mean, variance: squares / (sample.length - 1) / sample.length };
}

/** How far two means are apart, by the delta method on the log scale. */
function apart(left: Moments, right: Moments): Apart | undefined {
  if (!(left.mean > 0 && right.mean > 0)) return undefined;
  return {
    log: { value: Math.log(left.mean / right.mean), error: Math.sqrt(left.variance / left.mean ** 2 + right.variance / right.mean ** 2) },
    difference: { value: left.mean - right.mean, error: Math.sqrt(left.variance + right.variance) },
  };
}

interface Drawing {
  readonly found: Apart;
  readonly seed: number;
  readonly resamples: number;
  readonly tail: number;
}
/** Errors in units of their standard error: exceeded to either side with the chance `tail`. */
type Bounds = readonly [low: number, high: number];

function drawErrors(
  treated: Float64Array,
  controls: Float64Array,
  { found, seed, resamples, tail }: Drawing,
): Record<keyof Apart, Bounds> | undefined {
  const random = seededRandom(seed);
  const own = new ErrorList(found);
  const lent = new ErrorList({ log: { value: 0, error: 1 }, difference: { value: 0, error: 1 } });
  const isFew = controls.length <= treated.length;
  const [few, many] = isFew ? [controls, treated] : [treated, controls];
  for (let at = 0; at < resamples; at++) {
    const fromMany = drawMoments(many, many.length, random);
    const fromFew = drawMoments(few, few.length, random);
    const borrowed = drawMoments(many, few.length, random);
    own.add(isFew ? apart(fromMany, fromFew) : apart(fromFew, fromMany));
    lent.add(isFew ? apart(fromMany, borrowed) : apart(borrowed, fromMany));
  }
  if (Math.min(own.log.length, lent.log.length) < resamples / 2) return undefined;
  return { log: wider(own.log, lent.log, tail), difference: wider(own.difference, lent.difference, tail) };
}

/** Errors of resamples, around what they are drawn from. */
class ErrorList {
  readonly log: number[] = [];
  readonly difference: number[] = [];
  readonly #centre: Apart;

  constructor(centre: Apart) {
    this.#centre = centre;
  }

  add(drawn: Apart | undefined): void {
    if (!drawn || !(drawn.log.error > 0 && drawn.difference.error > 0)) return;
    this.log.push((drawn.log.value - this.#centre.log.value) / drawn.log.error);
    this.difference.push((drawn.difference.value - this.#centre.difference.value) / drawn.difference.error);
  }
}

function wider(left: number[], right: number[], tail: number): Bounds {
  const sorted = [left, right].map((list) => Float64Array.from(list).sort());
  return [Math.min(...sorted.map((list) => quantile(list, tail))), Math.max(...sorted.map((list) => quantile(list, 1 - tail)))];
}

/** Moments of `size` values drawn with replacement. */
function drawMoments(sample: Float64Array, size: number, random: Random): Moments {
  const scale = sample.length / 2 ** 32;
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < size; at++) {
    const value = sample[(random() * scale) | 0]!;
    sum += value;
    squares += value * value;
  }
  const mean = sum / size;
  return { mean, variance: Math.max(0, squares / size - mean * mean) / (size - 1) };
}

const intervalOf = ({ value, error }: Estimate, [low, high]: Bounds): Interval => ({
  value,
  low: value - high * error,
  high: value - low * error,
});

/** Of a sorted list, between neighbours in proportion. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const left = sorted[below]!;
  return left + (sorted[Math.min(below + 1, sorted.length - 1)]! - left) * (at - below);
}
