import type { Dimension, QueryRow } from '../../src/analytics/query.ts';
import { dimensionName } from '../api/measures.ts';
import { useQuery } from '../api/use-query.ts';
import { change, wholeCount } from '../format/count.ts';
import { money } from '../format/money.ts';
import { callsLink } from '../state/explore.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';
import { Link } from './link.tsx';
import { Shown } from './states.tsx';
import { Table } from './table.tsx';

const measures = ['costUsd', 'calls'] as const;
const shown = 8;

const costOf = ({ values }: QueryRow): number => Number(values[0] ?? 0);
const beforeOf = ({ before }: QueryRow): number | null => (before?.[0] === undefined || before[0] === null ? null : Number(before[0]));
const moved = (row: QueryRow): number => costOf(row) - (beforeOf(row) ?? 0);

/** Whose cost changed most against the span before. */
export function Movers({ by }: { readonly by: Dimension }) {
  const { search } = usePlace();
  const { span } = useSpan();
  const hasBefore = span.from !== undefined;
  const answer = useQuery({
    measures,
    dimensions: [by],
    filters: filtersOf(search),
    ...span,
    ...(hasBefore && { compareTo: 'previous' as const }),
    limit: 200,
  });
  return (
    <Shown loaded={answer}>
      {({ rows }) => (
        <Table
          label={`Change of cost by ${by}`}
          file={`movers-by-${by}`}
          rows={rows.toSorted((left, right) => Math.abs(moved(right)) - Math.abs(moved(left))).slice(0, shown)}
          keyOf={({ keys }) => keys[0] ?? ''}
          columns={[
            {
              name: dimensionName(by),
              cell: ({ keys }) => <Link href={callsLink(search, by, keys[0] ?? null)}>{keys[0] ?? 'not set'}</Link>,
              value: ({ keys }) => keys[0] ?? '',
            },
            {
              name: 'Calls',
              isFigure: true,
              cell: ({ values }) => wholeCount(Number(values[1])),
              value: ({ values }) => Number(values[1]),
            },
            { name: 'Cost', isFigure: true, cell: (row) => money(row.values[0] ?? null), value: costOf },
            { name: 'Before', isFigure: true, cell: (row) => (hasBefore ? money(beforeOf(row) ?? 0) : 'none'), value: beforeOf },
            { name: 'Change', isFigure: true, cell: (row) => <Change row={row} />, value: moved },
          ]}
        />
      )}
    </Shown>
  );
}

function Change({ row }: { readonly row: QueryRow }) {
  const by = moved(row);
  const tone = by > 0 ? 'bad' : by < 0 ? 'good' : 'quiet';
  return (
    <span className={tone}>
      {by > 0 ? '+' : ''}
      {money(by)} ({change(costOf(row), beforeOf(row))})
    </span>
  );
}
