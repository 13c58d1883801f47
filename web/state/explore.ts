import type { Dimension, Measure } from '../../src/analytics/query.ts';
import { filterText, filtersOf, withFilter } from './filters.ts';
import { withParameters } from './location.ts';

export interface ExploreChoice {
  readonly measure?: Measure;
  readonly by?: Dimension;
}

/** The breakdown behind a figure: the same span and filters. */
export const exploreLink = (search: string, { measure, by }: ExploreChoice): string =>
  `/ui/explore${withParameters(kept(search), { measure, by })}`;

/** The calls behind a figure. `value` null: without one. */
export const callsLink = (search: string, dimension: Dimension, value: string | null): string =>
  `/ui/calls${withParameters(kept(search), { f: withFilter(search, dimension, value) })}`;

/** Span and filters of an address, and nothing else of it. */
export function kept(search: string): string {
  const range = new URLSearchParams(search).get('range') ?? undefined;
  return withParameters('', { range, f: filtersOf(search).map(filterText) });
}
