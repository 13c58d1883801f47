import { median, quantile, spreadAround0 } from './statistics.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 1970-01-05, a Monday, ms. */
const firstMonday = 4 * dayMs;

/** Weeks of the same hour that are looked at. */
export const seasonWeeks = 8;
/** Weeks of history, before a range is stated: two to forecast from, one of forecasts to learn how far they are off. */
export const leastWeeks = 3;
/** Weeks that the spread is learnt from. */
const spreadWeeks = 4;
/** How many weeks of the same hour of the week count as much as all same hours of like days together. */
const shrinkage = 2;
/** Residuals at the same time of day that count as much as all others. */
const localWeight = 40;
/** Least spread: a series that never varied is not expected to be exact for ever. */
const leastSpread = 0.02;
/** Shares of the usual level, one of which is added before logarithms are taken, so that zeros have one and few calls do not seem to vary wildly. */
const zeroShares = [0.03, 0.1, 0.3, 1] as const;
/** Tails are taken to be heavier than exponential, by this shape of a generalised Pareto distribution. */
const tailShape = 0.1;

/** Spreads that are never too far, by sensitivity. */
const leastTails = { low: 3.5, medium: 3, high: 2.5 } as const;

/** Chance that one bucket in its usual way is told, by sensitivity. Of hours: one in half a year, two months, half a month. */
const chances = { low: 1 / 4380, medium: 1 / 800, high: 1 / 365 } as const;
export type Sensitivity = keyof typeof chances;
export const sensitivities = Object.keys(chances) as readonly Sensitivity[];
/** Standard deviations of the mean of a day that are told, by sensitivity. */
const sustainedErrors = { low: 5.5, medium: 4, high: 3.2 } as const;

export interface SeasonOptions {
  readonly bucket: 'hour' | 'day';
  /** `log`: for counts and money, which vary by factors. `linear`: for shares and scores. */
  readonly scale: 'log' | 'linear';
  readonly sensitivity: Sensitivity;
  /** Start of the first bucket that is pushed, epoch ms, on the clock whose days and weeks count. */
  readonly firstAt: number;
}

/** What is expected of a bucket. */
export interface Expectation {
  readonly usual: number;
  /** Outside of these it is an anomaly. */
  readonly low: number;
  readonly high: number;
}

/** A run of buckets that all lie on one side of what is usual, each too little to tell. */
export interface Sustained {
  /** Buckets of it. */
  readonly buckets: number;
  /** Around how much they are off: 1.3 is 30 % more. With the scale `linear` the difference. */
  readonly factor: number;
}

/**
 * Knows how a series goes by hour of the day and day of the week, and what is unusual for it. Values are pushed in their order, without gaps.
 *
 * A bucket is forecast from the same hour of former weeks, each brought to the level of now by the median ratio of the last week to it, so
 * that growth goes on and single odd days count for nothing. Their median is drawn to that of the same time on like days, the more so the
 * fewer weeks there are. How far forecasts were off, in the last weeks and at that time of day, gives the spread, and the tail of it how far is too far.
 */
export class SeasonModel {
  readonly #perDay: number;
  readonly #season: number;
  readonly #position: number;
  readonly #options: SeasonOptions;
  /** `null`: cannot be told. */
  readonly #values: (number | null)[] = [];
  /** By how much forecasts were off, beside `#values`; `NaN`: there was none. */
  readonly #residuals: number[] = [];
  /** Dropped at the front. */
  #dropped = 0;
  /** On the scale. */
  #scaled: number[] = [];
  #offset = 0;
  #shifts: number[] = [];
  #spreads: number[] = [];
  /** Spreads that are too far, up and down. */
  #tails: { readonly up: number; readonly down: number } | undefined;
  #meanSpread = Number.POSITIVE_INFINITY;

  constructor(options: SeasonOptions) {
    this.#options = options;
    this.#perDay = options.bucket === 'hour' ? 24 : 1;
    this.#season = 7 * this.#perDay;
    const sinceMonday = (((options.firstAt - firstMonday) % (7 * dayMs)) + 7 * dayMs) % (7 * dayMs);
    this.#position = Math.floor(sinceMonday / (dayMs / this.#perDay));
  }

  /** `null`: cannot be told. */
  push(value: number | null): void {
    const forecast = this.#forecast();
    const scaled = value === null ? Number.NaN : this.#scale(value);
    this.#values.push(value);
    this.#scaled.push(scaled);
    this.#residuals.push(forecast === undefined ? Number.NaN : scaled - forecast);
    if ((this.#dropped + this.#values.length) % this.#perDay === 0) this.#learn();
  }

  /** Of the next bucket; `undefined` while too little is known. */
  expected(): Expectation | undefined {
    const forecast = this.#forecast();
    if (forecast === undefined || !this.#tails) return undefined;
    const { up, down } = this.#tails;
    const spread = this.#spreads[this.#hourAt(this.#values.length)]!;
    return { usual: this.#unscale(forecast), low: this.#unscale(forecast - down * spread), high: this.#unscale(forecast + up * spread) };
  }

  /** Whether the last day as a whole is off, though none of its buckets need be. Of days: the last three. */
  sustained(): Sustained | undefined {
    const buckets = this.#runLength;
    const end = this.#residuals.length;
    const mean = this.#meanOf(end);
    if (Number.isNaN(mean) || Math.abs(mean) < sustainedErrors[this.#options.sensitivity] * this.#meanSpread) return undefined;
    const run = this.#residuals.slice(end - buckets);
    if (run.filter((residual) => Math.sign(residual) === Math.sign(mean)).length < buckets * 0.8) return undefined;
    const middle = median(run);
    return { buckets, factor: this.#options.scale === 'log' ? Math.exp(middle) : middle };
  }

  get #runLength(): number {
    return this.#perDay === 1 ? 3 : this.#perDay;
  }

  #scale(value: number): number {
    return this.#options.scale === 'log' ? Math.log(Math.max(0, value) + this.#offset) : value;
  }

  #unscale(scaled: number): number {
    return this.#options.scale === 'log' ? Math.max(0, Math.exp(scaled) - this.#offset) : scaled;
  }

  /** Position in the week. */
  #placeAt(index: number): number {
    return (this.#position + this.#dropped + index) % this.#season;
  }

  #hourAt(index: number): number {
    return this.#placeAt(index) % this.#perDay;
  }

  #isWeekend(index: number): boolean {
    return this.#placeAt(index) >= 5 * this.#perDay;
  }

  #forecast(): number | undefined {
    const end = this.#values.length;
    const weeks: number[] = [];
    for (const [before, shift] of this.#shifts.entries()) {
      const scaled = this.#scaled[end - (before + 1) * this.#season];
      if (scaled !== undefined && !Number.isNaN(scaled)) weeks.push(scaled + shift);
    }
    if (weeks.length === 0) return undefined;
    const days = this.#likeDays(end);
    const count = weeks.length;
    const ofWeeks = median(weeks);
    return days.length === 0 ? ofWeeks : (count * ofWeeks + shrinkage * median(days)) / (count + shrinkage);
  }

  /** The same time on working days, or on weekends, of four weeks. */
  #likeDays(end: number): number[] {
    const days: number[] = [];
    const isWeekend = this.#isWeekend(end);
    for (let before = 1; before <= 28; before += 1) {
      const index = end - before * this.#perDay;
      if (index < 0) break;
      const week = Math.floor(before / 7);
      const shift = week === 0 ? 0 : this.#shifts[week - 1];
      const scaled = this.#scaled[index]!;
      if (shift !== undefined && !Number.isNaN(scaled) && this.#isWeekend(index) === isWeekend) days.push(scaled + shift);
    }
    return days;
  }

  /** Once a day. */
  #learn(): void {
    this.#trim();
    if (this.#options.scale === 'log') this.#learnOffset();
    this.#shifts = this.#shiftsOfWeeks();
    this.#learnSpread();
  }

  #trim(): void {
    const excess = this.#values.length - (seasonWeeks + 1) * this.#season;
    if (excess <= 0) return;
    this.#values.splice(0, excess);
    this.#scaled.splice(0, excess);
    this.#residuals.splice(0, excess);
    this.#dropped += excess;
  }

  #learnOffset(): void {
    const offset = this.#bestOffset();
    // A little drift is left alone, so that residuals of before stay comparable.
    if (this.#offset > 0 && offset / this.#offset < 2 && offset / this.#offset > 0.5) return;
    this.#offset = offset;
    this.#scaled = this.#values.map((value) => (value === null ? Number.NaN : this.#scale(value)));
  }

  /** The smallest with which low values, such as few calls at night, vary no more than high ones. */
  #bestOffset(): number {
    const from = Math.max(0, this.#values.length - spreadWeeks * this.#season);
    const middle = median(this.#values.slice(from).filter((value) => value !== null && value > 0) as number[]);
    if (Number.isNaN(middle)) return 1;
    const pairs = this.#values.slice(Math.max(from, this.#season)).map((value, index) => {
      const before = this.#values[Math.max(from, this.#season) + index - this.#season];
      return [value ?? Number.NaN, before ?? Number.NaN] as const;
    });
    const isLow = ([now, before]: readonly [number, number]): boolean => now + before < 2 * middle;
    const known = pairs.filter(([now, before]) => !Number.isNaN(now + before));
    const [low, high] = [known.filter(isLow), known.filter((pair) => !isLow(pair))];
    if (low.length < this.#perDay || high.length < this.#perDay) return zeroShares[0] * middle;
    const share = zeroShares.find((each) => ratioSpread(low, each * middle) <= 1.3 * ratioSpread(high, each * middle));
    return (share ?? zeroShares.at(-1)!) * middle;
  }

  /** By how much the last week lies above each week before. */
  #shiftsOfWeeks(): number[] {
    const end = this.#scaled.length;
    const shifts: number[] = [];
    for (let weeks = 1; weeks <= seasonWeeks && end >= (weeks + 1) * this.#season; weeks += 1) {
      const differences: number[] = [];
      for (let index = end - this.#season; index < end; index += 1) {
        const difference = this.#scaled[index]! - this.#scaled[index - weeks * this.#season]!;
        if (!Number.isNaN(difference)) differences.push(difference);
      }
      if (differences.length < this.#season / 2) break;
      shifts.push(median(differences));
    }
    return shifts;
  }

  #learnSpread(): void {
    const from = Math.max(0, this.#residuals.length - spreadWeeks * this.#season);
    const recent = this.#residuals.slice(from);
    const known = recent.filter((residual) => !Number.isNaN(residual));
    if (known.length < this.#season) return;
    const overall = Math.max(leastSpread, spreadAround0(known));
    this.#spreads = Array.from({ length: this.#perDay }, (_, hour) => this.#spreadAt(hour, recent, from, overall));
    const sizes = this.#residuals.map((residual, index) => residual / this.#spreads[this.#hourAt(index)]!);
    const tail = (side: number[]): number => tailOf(side, this.#options.sensitivity);
    // Each side by itself: a holiday makes low values usual, not high ones.
    this.#tails = { up: tail(sizes.filter((size) => size > 0)), down: tail(sizes.filter((size) => size < 0).map(Math.abs)) };
    this.#learnMeans();
  }

  /** Of an hour and its neighbours, drawn to that of all hours. */
  #spreadAt(hour: number, recent: readonly number[], from: number, overall: number): number {
    const near = recent.filter((residual, index) => {
      const distance = Math.abs(this.#hourAt(from + index) - hour);
      return !Number.isNaN(residual) && Math.min(distance, this.#perDay - distance) <= 1;
    });
    if (near.length === 0) return overall;
    const local = spreadAround0(near);
    return Math.max(leastSpread, Math.sqrt((near.length * local ** 2 + localWeight * overall ** 2) / (near.length + localWeight)));
  }

  /** Mean of the run that ends before `end`; single wild ones count as three spreads at most. */
  #meanOf(end: number): number {
    const start = end - this.#runLength;
    if (start < 0 || this.#spreads.length === 0) return Number.NaN;
    let sum = 0;
    for (let index = start; index < end; index += 1) {
      const most = 3 * this.#spreads[this.#hourAt(index)]!;
      sum += Math.max(-most, Math.min(most, this.#residuals[index]!));
    }
    return sum / this.#runLength;
  }

  #learnMeans(): void {
    const means: number[] = [];
    const step = Math.max(1, this.#runLength / 8);
    for (let end = this.#residuals.length; end > 0; end -= step) {
      const mean = this.#meanOf(end);
      if (!Number.isNaN(mean)) means.push(mean);
    }
    if (means.length >= 8) this.#meanSpread = Math.max(leastSpread, spreadAround0(means));
  }
}

const ratioSpread = (pairs: readonly (readonly [number, number])[], offset: number): number =>
  spreadAround0(pairs.map(([now, before]) => Math.log(now + offset) - Math.log(before + offset)));

/** How many spreads are passed with this chance, by the tail of what was seen: its 95th and 99th percentile, which a few wild ones do not move. */
function tailOf(sizes: number[], sensitivity: Sensitivity): number {
  const [chance, leastTail] = [chances[sensitivity], leastTails[sensitivity]];
  if (sizes.length === 0) return leastTail;
  sizes.sort((left, right) => left - right);
  const [outer, far] = [quantile(sizes, 0.95), quantile(sizes, 0.99)];
  const perFactor = Math.max(0.3, (far - outer) / Math.log(5));
  const growth = ((0.05 / chance) ** tailShape - 1) / tailShape;
  return Math.max(leastTail, outer + perFactor * growth);
}
