import { compare, type CompareOptions, type Interval } from './compare.ts';
import { qualityMarks, type QualityMark, type Session } from './session.ts';

/** `unknown`: not yet known. */
export type Verdict = 'saves' | 'costs' | 'unknown';

/** A share of calls on both sides. `difference` is treated less controls: above 0 is worse. */
export interface QualityEffect {
  readonly treated: number;
  readonly controls: number;
  readonly difference: Interval;
}

/** Means of the scores that people and programs gave, by calls. `difference` is treated less controls: below 0 is worse. */
export interface ScoreEffect {
  readonly sessions: { readonly treated: number; readonly controls: number };
  readonly treated: number;
  readonly controls: number;
  readonly difference: Interval;
}

/** What a saving did, measured: sessions with it against sessions that were held out. */
export interface Effect {
  readonly sessions: { readonly treated: number; readonly controls: number };
  /** Nano-USD a session; `null` without sessions. */
  readonly costPerSession: { readonly treated: number | null; readonly controls: number | null };
  /** Cost with it to cost without it; `null` where there is nothing to compare. */
  readonly ratio: Interval | null;
  /** Cost with it less cost without it, nano-USD a session. */
  readonly difference: Interval | null;
  readonly quality: Readonly<Record<QualityMark, QualityEffect>> | null;
  /** By feedback; `null` without scores of two sessions on either side. */
  readonly score: ScoreEffect | null;
  /** Signs of quality that are worse with it, their interval wholly on the bad side of 0. */
  readonly worse: readonly (QualityMark | 'score')[];
  readonly verdict: Verdict;
}

/** Sessions on either side before a verdict is given. */
export const minVerdictSessions = 20;

/** The two sides of one saving, or of all together (`undefined`). A session that was on both sides, for the seed was changed, is on none. */
export function sidesOf(
  sessions: readonly Session[],
  stage?: string,
): { readonly treated: readonly Session[]; readonly controls: readonly Session[] } {
  if (stage === undefined)
    return { treated: sessions.filter(({ arm }) => arm === 'treatment'), controls: sessions.filter(({ arm }) => arm === 'holdout') };
  const drawn = sessions.filter(({ arm, treated, held }) => arm === 'treatment' && treated.has(stage) !== held.has(stage));
  return { treated: drawn.filter(({ treated }) => treated.has(stage)), controls: drawn.filter(({ held }) => held.has(stage)) };
}

/**
 * The effect of one saving, or of all. One saving is measured among the sessions that have the others as configured, so the effects of
 * several are not confused. Verdict: `saves` when the whole 95 % interval of the ratio is below 1, `costs` when it is above.
 */
export function effectOf(sessions: readonly Session[], stage?: string, options: CompareOptions = {}): Effect {
  const { treated, controls } = sidesOf(sessions, stage);
  const [withIt, without] = [costsOf(treated), costsOf(controls)];
  const comparison = compare(withIt, without, options);
  const quality = treated.length > 0 && controls.length > 0 ? qualityOf(treated, controls) : null;
  const score = scoreOf(treated, controls);
  const isEnough = Math.min(treated.length, controls.length) >= minVerdictSessions;
  return {
    sessions: { treated: treated.length, controls: controls.length },
    costPerSession: { treated: meanOf(withIt), controls: meanOf(without) },
    ratio: comparison?.ratio ?? null,
    difference: comparison?.difference ?? null,
    quality,
    score,
    worse: [
      ...(quality && isEnough ? qualityMarks.filter((mark) => quality[mark].difference.low > 0) : []),
      ...(isLower(score) ? (['score'] as const) : []),
    ],
    verdict: comparison && isEnough ? verdictOf(comparison.ratio) : 'unknown',
  };
}

const verdictOf = ({ low, high }: Interval): Verdict => (high < 1 ? 'saves' : low > 1 ? 'costs' : 'unknown');

export const costsOf = (sessions: readonly Session[]): Float64Array => Float64Array.from(sessions, ({ cost }) => cost);

const meanOf = (values: Float64Array): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

function qualityOf(treated: readonly Session[], controls: readonly Session[]): NonNullable<Effect['quality']> {
  return Object.fromEntries(
    qualityMarks.map((mark) => {
      const [left, right] = [rateOf(treated, mark), rateOf(controls, mark)];
      const value = left.rate - right.rate;
      const margin = normal95 * Math.sqrt(left.variance + right.variance);
      return [mark, { treated: left.rate, controls: right.rate, difference: { value, low: value - margin, high: value + margin } }];
    }),
  ) as Record<QualityMark, QualityEffect>;
}

const isLower = (score: ScoreEffect | null): boolean =>
  score !== null && Math.min(score.sessions.treated, score.sessions.controls) >= minVerdictSessions && score.difference.high < 0;

function scoreOf(treated: readonly Session[], controls: readonly Session[]): ScoreEffect | null {
  const [left, right] = [treated, controls].map((sessions) => sessions.filter(({ scored }) => scored > 0)) as [Session[], Session[]];
  if (Math.min(left.length, right.length) < 2) return null;
  const [one, other] = [meanScoreOf(left), meanScoreOf(right)];
  const value = one.mean - other.mean;
  const margin = normal95 * Math.sqrt(one.variance + other.variance);
  return {
    sessions: { treated: left.length, controls: right.length },
    treated: one.mean,
    controls: other.mean,
    difference: { value, low: value - margin, high: value + margin },
  };
}

/** Mean over calls, its variance by sessions, with the correction for few of them. */
function meanScoreOf(sessions: readonly Session[]): { readonly mean: number; readonly variance: number } {
  const [scored, sum] = sessions.reduce(([calls, total], session) => [calls + session.scored, total + session.score], [0, 0]);
  const mean = sum / scored;
  const squares = sessions.reduce((all, session) => all + (session.score - mean * session.scored) ** 2, 0);
  return { mean, variance: ((squares / scored ** 2) * sessions.length) / (sessions.length - 1) };
}

/** 97.5th percentile of the normal distribution. */
const normal95 = 1.959964;

/** Share of calls, its variance by sessions: calls of one session are not independent (linearised ratio of sums). */
function rateOf(sessions: readonly Session[], mark: QualityMark): { readonly rate: number; readonly variance: number } {
  let calls = 0;
  let marked = 0;
  for (const session of sessions) {
    calls += session.calls;
    marked += session.counts[mark];
  }
  const rate = marked / calls;
  let squares = 0;
  for (const session of sessions) squares += (session.counts[mark] - rate * session.calls) ** 2;
  return { rate, variance: squares / calls ** 2 };
}
