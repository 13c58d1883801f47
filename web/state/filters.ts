import type { Dimension, Filter } from '../../src/analytics/query.ts';

/** Filters as an address holds them, one `f` each: `app:support`, `-app:support` for all but that, `app` alone for calls without one. */
export function filtersOf(search: string): readonly Filter[] {
  return new URLSearchParams(search).getAll('f').map(readFilter);
}

function readFilter(text: string): Filter {
  const not = text.startsWith('-');
  const body = not ? text.slice(1) : text;
  // A tag's name follows a colon too.
  const cut = body.indexOf(':', body.startsWith('tag:') ? 4 : 0);
  const dimension = (cut === -1 ? body : body.slice(0, cut)) as Dimension;
  return { dimension, values: [cut === -1 ? null : body.slice(cut + 1)], ...(not && { not: true }) };
}

export const filterText = ({ dimension, values, not }: Filter): string =>
  `${not ? '-' : ''}${dimension}${values[0] === null || values[0] === undefined ? '' : `:${values[0]}`}`;

/** The `f` parameters with one more filter; another of the same dimension gives way. */
export const withFilter = (search: string, dimension: Dimension, value: string | null): readonly string[] => [
  ...filtersOf(search)
    .filter((filter) => filter.dimension !== dimension)
    .map(filterText),
  filterText({ dimension, values: [value] }),
];

export const withoutFilter = (search: string, dropped: string): readonly string[] =>
  filtersOf(search)
    .map(filterText)
    .filter((text) => text !== dropped);
