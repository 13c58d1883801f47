import type { DatabaseSync } from 'node:sqlite';
import type { Measure, Query, QueryRow } from '../../analytics/query.ts';
import type { Recommendation } from '../../analytics/recommendation.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { sqliteEngine } from '../../ledger/query/engine.ts';
import type { SavingsReport } from '../../savings/report.ts';
import { recommend } from '../recommend/recommend.ts';
import { savingsReportOn } from '../savings-report.ts';
import { changesOf, type Change } from './changes.ts';
import { monthOf, shifted, type Month } from './month.ts';
import { targetResult, type Target, type TargetResult } from './targets.ts';
import { unitsOf } from './units.ts';

/** What the review tells of each month. */
export const reviewMeasures = [
  'costUsd', 'calls', 'totalTokens', 'costPerTaskUsd', 'costPerSessionUsd', 'costPerCallUsd', 'tokensPerCall', 'cacheHitShare', 'cacheSavedUsd',
  'contextOverhead', 'extraCostUsd', 'failureShare', 'latencyP95Ms', 'score', 'valuePerUsd', 'savedUsd', 'unpricedCalls',
] as const satisfies readonly Measure[]; // prettier-ignore
export type ReviewMeasure = (typeof reviewMeasures)[number];
/** In the order of `reviewMeasures`; money as exact decimal text; `null`: cannot be told. */
export type MonthFigures = QueryRow['values'];

/** The efficiency review of one month. */
export interface Review {
  readonly month: Month;
  /** When it was made, epoch ms. */
  readonly asOf: number;
  /** The month is not over: sums are those of so many days. */
  readonly daysSoFar: number | null;
  readonly baseline: Month;
  readonly measures: typeof reviewMeasures;
  readonly now: MonthFigures;
  readonly before: MonthFigures;
  /** The months up to this one, at most a year, the first with calls first. */
  readonly trend: readonly { readonly month: string; readonly figures: MonthFigures }[];
  /** The dearest first, with the baseline's cost beside. */
  readonly apps: readonly { readonly app: string | null; readonly costUsd: string | null; readonly beforeUsd: string | null }[];
  readonly targets: readonly TargetResult[];
  readonly savings: SavingsReport;
  /** What became worse, and what better, by app. */
  readonly changes: readonly Change[];
  /** Comparisons made for them. */
  readonly compared: number;
  readonly actions: readonly Recommendation[];
}

export interface ReviewRequest {
  readonly month: Month;
  readonly nowMs: number;
  /** Left out: the month before. */
  readonly baseline?: Month | undefined;
  readonly targets: readonly Target[];
}

/** Apps that are compared, and next actions told. */
export const reviewLimits = { apps: 12, actions: 8, trendMonths: 12 } as const;

/** Puts the review of a month together out of the ledger. */
export async function reviewOf(
  database: DatabaseSync,
  catalog: Catalog,
  { month, nowMs, baseline = shifted(month, -1), targets }: ReviewRequest,
): Promise<Review> {
  const engine = sqliteEngine(database, {}, () => nowMs);
  const ask: Ask = (query) => engine.answer(query);
  const to = Math.min(month.to, Math.max(nowMs, month.from + 1));
  const span = { from: month.from, to };
  const totals = async (query: Pick<Query, 'measures' | 'filters'>, { from, to: end }: Pick<Month, 'from' | 'to'>): Promise<MonthFigures> =>
    (await engine.answer({ ...query, from, to: end })).totals.values;
  const apps = await appsOf(ask, span, baseline);
  const compared = apps.slice(0, reviewLimits.apps);
  const changes = compared.flatMap(({ app }) => changesOf(app, unitsOf(database, app, baseline), unitsOf(database, app, span)));
  const results = await Promise.all(targets.map(async (target) => {
    const query = { measures: [target.measure], filters: target.app === undefined ? [] : [{ dimension: 'app', values: [target.app] } as const] };
    const [before, now] = [await totals(query, baseline), await totals(query, span)].map(([value]) => numberOf(value));
    return targetResult(target, before!, now!);
  })); // prettier-ignore
  return {
    month,
    asOf: nowMs,
    daysSoFar: to < month.to ? (to - month.from) / 86_400_000 : null,
    baseline,
    measures: reviewMeasures,
    now: await totals({ measures: reviewMeasures }, span),
    before: await totals({ measures: reviewMeasures }, baseline),
    trend: await trendOf(ask, month, to),
    apps: compared,
    targets: results,
    savings: savingsReportOn(database, { by: 'stage', since: span.from, until: to }),
    changes: changes.toSorted((left, right) => Number(right.isWorse) - Number(left.isWorse) || sizeOf(right) - sizeOf(left)),
    compared: compared.length * 4,
    actions: recommend(database, catalog, { ...span, nowMs }).recommendations.slice(0, reviewLimits.actions),
  };
}

type Ask = (query: Query) => Promise<{ readonly rows: readonly QueryRow[] }>;

const numberOf = (value: number | string | null | undefined): number | null => (value == null ? null : Number(value));

async function trendOf(ask: Ask, month: Month, to: number): Promise<Review['trend']> {
  const { rows } = await ask({ measures: reviewMeasures, bucket: 'month', from: shifted(month, 1 - reviewLimits.trendMonths).from, to });
  return rows.map(({ time, values }) => ({ month: monthOf(time!).name, figures: values }));
}

async function appsOf(ask: Ask, { from, to }: Pick<Month, 'from' | 'to'>, baseline: Month): Promise<Review['apps']> {
  const query: Query = { measures: ['costUsd'], dimensions: ['app'], limit: 100 };
  const [now, before] = [await ask({ ...query, from, to }), await ask({ ...query, from: baseline.from, to: baseline.to })];
  const earlier = new Map(before.rows.map(({ keys, values }) => [keys[0]!, values[0]]));
  return now.rows.map(({ keys, values }) => ({ app: keys[0]!, costUsd: values[0] as string | null, beforeUsd: (earlier.get(keys[0]!) ?? null) as string | null })); // prettier-ignore
}

/** How far from no change, as a share. */
const sizeOf = ({ before, now }: Change): number => Math.abs(now - before) / Math.max(Math.abs(before), 1e-9);
