import type { Answer, Dimension, QueryRow } from '../../src/analytics/query.ts';
import { dimensionName, measureNames, written } from '../api/measures.ts';
import { change } from '../format/count.ts';
import { kept } from '../state/explore.ts';
import { exploreMeasures, rowName, type ExploreView } from '../state/explore-choice.ts';
import { withFilter } from '../state/filters.ts';
import { usePlace, withParameters } from '../state/location.ts';
import { Link } from './link.tsx';
import { Table, type Column } from './table.tsx';

const numberOf = (value: number | string | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

/** The address with a filter for each dimension of a row: what its figure is made of. */
export function narrowed(search: string, by: readonly Dimension[], keys: QueryRow['keys']): string {
  return by.reduce((address, dimension, at) => withParameters(address, { f: withFilter(address, dimension, keys[at] ?? null) }), search);
}

/** The rows of a query, each with a link to its calls. */
export function ExploreRows({ view, answer: { rows, totals } }: { readonly view: ExploreView; readonly answer: Answer }) {
  const { search } = usePlace();
  const { measure, by, compare } = view;
  const [, second] = exploreMeasures(view);
  const hasBefore = compare !== undefined && rows.some(({ before }) => before !== undefined);
  return (
    <Table
      label="Rows of the query"
      file={[measure, 'by', ...(by.length === 0 ? ['all'] : by)].join('-')}
      rows={rows}
      keyOf={({ keys }) => JSON.stringify(keys)}
      columns={[
        ...nameColumns(by, (keys) => `/ui/calls${narrowed(kept(search), by, keys)}`),
        {
          name: measureNames[measure].label,
          isFigure: true,
          cell: ({ values }) => written(measure, values[0] ?? null),
          value: ({ values }) => numberOf(values[0]),
        },
        ...(hasBefore ? beforeColumns(view) : []),
        ...(second
          ? [
              {
                name: measureNames[second].label,
                isFigure: true,
                cell: ({ values }: QueryRow) => written(second, values[1] ?? null),
                value: ({ values }: QueryRow) => numberOf(values[1]),
              },
            ]
          : []),
      ]}
      footer={[
        'All',
        ...by.slice(1).map(() => ''),
        written(measure, totals.values[0] ?? null),
        ...(hasBefore
          ? [written(measure, totals.before?.[0] ?? null), change(Number(totals.values[0] ?? 0), numberOf(totals.before?.[0]))]
          : []),
        ...(second ? [written(second, totals.values[1] ?? null)] : []),
      ]}
    />
  );
}

function nameColumns(by: readonly Dimension[], linkOf: (keys: QueryRow['keys']) => string): readonly Column<QueryRow>[] {
  if (by.length === 0) return [{ name: 'All', cell: rowName, value: rowName }];
  return by.map((dimension, at) => ({
    name: dimensionName(dimension),
    cell: ({ keys }) => (at === 0 ? <Link href={linkOf(keys)}>{keys[0] ?? 'not set'}</Link> : (keys[at] ?? 'not set')),
    value: ({ keys }) => keys[at] ?? '',
  }));
}

const beforeColumns = ({ measure }: ExploreView): readonly Column<QueryRow>[] => [
  {
    name: 'Before',
    isFigure: true,
    cell: ({ before }) => written(measure, before?.[0] ?? null),
    value: ({ before }) => numberOf(before?.[0]),
  },
  { name: 'Change', isFigure: true, cell: ({ values, before }) => change(Number(values[0] ?? 0), numberOf(before?.[0])) },
];
