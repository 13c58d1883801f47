import type { Answer, Measure, Query, QueryRow } from '../../src/analytics/query.ts';
import { ask } from './batch.ts';
import { useLoaded, type Loaded } from './use-loaded.ts';

/** How often the figures on a page are asked for again. */
const refreshMs = 15_000;

/** Answers a query of the gateway's query engine. `undefined` asks for nothing. */
export function useQuery(query: Query | undefined): Loaded<Answer> {
  const key = query && JSON.stringify(query);
  return useLoaded(key, (signal) => ask(query!, signal), refreshMs);
}

/** Reads a row's figures by the measure's name. */
export interface Figures {
  number(measure: Measure): number | null;
  /** Exact decimal text where it is money. */
  value(measure: Measure): number | string | null;
  before(measure: Measure): number | null;
}

export function figuresIn(measures: readonly Measure[], row: QueryRow): Figures {
  const at = (measure: Measure, values: QueryRow['values'] | undefined): number | string | null =>
    values?.[measures.indexOf(measure)] ?? null;
  const numeric = (value: number | string | null): number | null => (value === null ? null : Number(value));
  return {
    value: (measure) => at(measure, row.values),
    number: (measure) => numeric(at(measure, row.values)),
    before: (measure) => numeric(at(measure, row.before)),
  };
}
