import type { Answer, Dimension, Filter, Measure, Query, QueryEngine } from '../analytics/query.ts';
import { isSum, numberOf } from './figure.ts';
import { everything, maxSubjects, maxSubjectLength, type AlertQuery } from './rule.ts';

/** Figures of one measure by subject; `before`: of the span before. */
export type Figures = ReadonlyMap<string, { readonly value: number | null; readonly before: number | null }>;

/** Answers one rule's figures over a span. */
export async function figuresOf(engine: QueryEngine, query: AlertQuery, from: number, to: number, compares = false): Promise<Figures> {
  const answer = await engine.answer({ ...queryOf(query), from, to, ...(compares && { compareTo: 'previous' }), limit: maxSubjects });
  const rows = query.by === undefined ? [answer.totals] : answer.rows;
  return new Map(
    rows.map(({ keys, values, before }) => [
      subjectOf(query.by, keys[0] ?? null),
      { value: known(query.measure, values[0]), before: compares ? known(query.measure, before?.[0]) : null },
    ]),
  );
}

/** No calls are 0 of what is counted. */
const known = (measure: Measure, value: number | string | null | undefined): number | null =>
  numberOf(value) ?? (isSum(measure) ? 0 : null);

export const queryOf = ({ measure, filters, by }: AlertQuery): Query => ({
  measures: [measure],
  filters,
  ...(by !== undefined && { dimensions: [by as Dimension] }),
});

const subjectOf = (by: string | undefined, key: string | null): string =>
  by === undefined ? everything : clippedSubject(`${by}=${key ?? '(none)'}`);

export const clippedSubject = (text: string): string => (text.length > maxSubjectLength ? `${text.slice(0, maxSubjectLength - 1)}…` : text);

/** One value for each bucket of a span of even length, in order; those without calls as `known` says. */
export async function seriesOf(
  engine: QueryEngine,
  query: AlertQuery,
  span: { readonly from: number; readonly to: number; readonly bucketMs: number },
): Promise<(number | null)[]> {
  const { from, to, bucketMs } = span;
  const answer: Answer = await engine.answer({ ...queryOf(query), from, to, bucket: bucketMs === 3_600_000 ? 'hour' : 'day' });
  const byTime = new Map(answer.rows.map(({ time, values }) => [time!, numberOf(values[0])]));
  return Array.from({ length: Math.round((to - from) / bucketMs) }, (_, index) =>
    known(query.measure, byTime.get(from + index * bucketMs)),
  );
}

/** The filters in the words of an address of the dashboard. */
export const filterText = ({ dimension, values, not }: Filter): string =>
  `${not ? '-' : ''}${dimension}${values[0] === null || values[0] === undefined ? '' : `:${values[0]}`}`;
