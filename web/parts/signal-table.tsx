import type { QueryRow } from '../../src/analytics/query.ts';
import { useQuery } from '../api/use-query.ts';
import { percent, wholeCount } from '../format/count.ts';
import { money } from '../format/money.ts';
import { signalText } from '../format/signals.ts';
import { callsLink } from '../state/explore.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';
import { Link } from './link.tsx';
import { Shown } from './states.tsx';
import { Table } from './table.tsx';

const measures = ['calls', 'costUsd'] as const;

interface SignalTableProps {
  readonly label: string;
  readonly keeps: (signal: string) => boolean;
  readonly whenEmpty: string;
}

const signalOf = ({ keys }: QueryRow): string => keys[0] ?? '';

/** Marks of calls in words, how many calls have each, and what these cost. */
export function SignalTable({ label, keeps, whenEmpty }: SignalTableProps) {
  const { search } = usePlace();
  const { span } = useSpan();
  const answer = useQuery({ measures, dimensions: ['signal'], filters: filtersOf(search), ...span, limit: 200 });
  return (
    <Shown loaded={answer}>
      {({ rows, totals }) => {
        const found = rows.filter((row) => row.keys[0] !== null && keeps(signalOf(row)));
        if (found.length === 0) return <p className="quiet">{whenEmpty}</p>;
        const calls = Number(totals.values[0] ?? 0);
        return (
          <Table
            label={label}
            file="signals"
            rows={found}
            keyOf={signalOf}
            columns={[
              {
                name: 'Signal',
                cell: (row) => <Link href={callsLink(search, 'signal', signalOf(row))}>{signalOf(row)}</Link>,
                value: signalOf,
              },
              {
                name: 'Calls',
                isFigure: true,
                cell: ({ values }) => wholeCount(Number(values[0])),
                value: ({ values }) => Number(values[0]),
              },
              { name: 'Of all', isFigure: true, cell: ({ values }) => percent(calls === 0 ? null : Number(values[0]) / calls) },
              {
                name: 'Cost',
                isFigure: true,
                cell: ({ values }) => money(values[1] ?? null),
                value: ({ values }) => Number(values[1] ?? 0),
              },
              { name: 'Says', isProse: true, cell: (row) => signalText(signalOf(row)).says },
              { name: 'To mend it', isProse: true, cell: (row) => signalText(signalOf(row)).fix ?? '' },
            ]}
          />
        );
      }}
    </Shown>
  );
}
