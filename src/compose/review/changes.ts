import { compare, type Interval } from '../../savings/compare.ts';
import type { UnitSums } from './units.ts';

/** What a change is of. `cost`: of a task or session; `time`: of a call; `failures`: share of calls; `score`: mean feedback. */
export const changeMeasures = ['cost', 'time', 'failures', 'score'] as const;
export type ChangeMeasure = (typeof changeMeasures)[number];

/** A difference between two months that chance alone hardly makes. */
export interface Change {
  readonly measure: ChangeMeasure;
  /** `null`: calls without an app. */
  readonly app: string | null;
  readonly isWorse: boolean;
  /** USD a task or session, ms a call, share of calls, or score. */
  readonly before: number;
  readonly now: number;
  /** Of now to before for `cost` and `time`, else of now less before. */
  readonly change: Interval;
  /** Tasks, sessions and single calls on both sides. */
  readonly units: { readonly before: number; readonly now: number };
}

/** So wide that of a hundred comparisons without any change one is told. */
export const changeLevel = 0.99;
/** Fewer on a side tell nothing. */
export const minUnits = 30;
/** Smaller changes are no news, however sure they are. */
const minRatio = 1.05;
const minShare = 0.01;
const minScoreShare = 0.02;

/** What became dearer, slower, or worse in quality, and what the contrary, with how sure that is. */
export function changesOf(app: string | null, before: readonly UnitSums[], now: readonly UnitSums[]): readonly Change[] {
  const sides = { app, before, now };
  return [
    ...ratioChange('cost', sides, (unit) => unit.priced > 0, ({ cost }) => cost / 1e9),
    ...ratioChange('time', sides, () => true, ({ durationMs, calls }) => durationMs / calls),
    ...differenceChange('failures', sides, ({ calls, failed }) => [failed, calls]),
    ...differenceChange('score', sides, ({ score, scored }) => [score, scored]),
  ]; // prettier-ignore
}

interface Sides {
  readonly app: string | null;
  readonly before: readonly UnitSums[];
  readonly now: readonly UnitSums[];
}

function ratioChange(
  measure: 'cost' | 'time',
  { app, ...sides }: Sides,
  isKnown: (unit: UnitSums) => boolean,
  valueOf: (unit: UnitSums) => number,
): readonly Change[] {
  const valuesOf = (units: readonly UnitSums[]): Float64Array => Float64Array.from(units.filter(isKnown), valueOf);
  const [before, now] = [valuesOf(sides.before), valuesOf(sides.now)];
  if (Math.min(before.length, now.length) < minUnits) return [];
  const ratio = compare(now, before, { level: changeLevel })?.ratio;
  if (!ratio || (ratio.low <= 1 && ratio.high >= 1) || (ratio.value < minRatio && ratio.value > 1 / minRatio)) return [];
  return [{ measure, app, isWorse: ratio.value > 1, before: meanOf(before), now: meanOf(now), change: ratio, units: { before: before.length, now: now.length } }]; // prettier-ignore
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** 99.5th percentile of the normal distribution. */
const normal99 = 2.575829;

/** A ratio of sums: calls of one session are not independent of each other. */
function differenceChange(
  measure: 'failures' | 'score',
  { app, ...sides }: Sides,
  partsOf: (unit: UnitSums) => readonly [above: number, below: number],
): readonly Change[] {
  const known = (units: readonly UnitSums[]) => units.map(partsOf).filter(([, below]) => below > 0);
  const [before, now] = [known(sides.before), known(sides.now)];
  if (Math.min(before.length, now.length) < minUnits) return [];
  const [old, current] = [ratioOf(before), ratioOf(now)];
  const value = current.mean - old.mean;
  const margin = normal99 * Math.sqrt(old.variance + current.variance);
  const least = measure === 'failures' ? minShare : Math.abs(old.mean) * minScoreShare;
  if (Math.abs(value) <= margin || Math.abs(value) < least) return [];
  const isWorse = measure === 'failures' ? value > 0 : value < 0;
  return [{ measure, app, isWorse, before: old.mean, now: current.mean, change: { value, low: value - margin, high: value + margin }, units: { before: before.length, now: now.length } }]; // prettier-ignore
}

function ratioOf(parts: readonly (readonly [number, number])[]): { readonly mean: number; readonly variance: number } {
  const [above, below] = parts.reduce(([up, down], [one, other]) => [up + one, down + other], [0, 0]);
  const mean = above / below;
  const squares = parts.reduce((sum, [one, other]) => sum + (one - mean * other) ** 2, 0);
  return { mean, variance: ((squares / below ** 2) * parts.length) / (parts.length - 1) };
}
