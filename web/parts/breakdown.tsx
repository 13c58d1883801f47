import type { Dimension, Measure, Query, QueryRow } from '../../src/analytics/query.ts';
import { dimensionName, measureNames, written } from '../api/measures.ts';
import { figuresIn, useQuery } from '../api/use-query.ts';
import { wholeCount } from '../format/count.ts';
import { callsLink } from '../state/explore.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';
import { Link } from './link.tsx';
import { Empty, Shown } from './states.tsx';
import { Table } from './table.tsx';

interface BreakdownProps {
  readonly by: Dimension;
  readonly measures: readonly Measure[];
  readonly filters?: Query['filters'];
  readonly limit?: number;
  readonly linkOf?: (value: string | null) => string;
  /** Rows left out, such as those without a value. */
  readonly keeps?: (row: QueryRow) => boolean;
  readonly whenEmpty?: string;
}

/** Measures by a dimension, as a table; each row leads to its calls. */
export function Breakdown({ by, measures, filters = [], limit = 50, linkOf, keeps = () => true, whenEmpty }: BreakdownProps) {
  const { search } = usePlace();
  const { span } = useSpan();
  const answer = useQuery({ measures, dimensions: [by], filters: [...filtersOf(search), ...filters], ...span, limit });
  const link = linkOf ?? ((value: string | null) => callsLink(search, by, value));
  return (
    <Shown loaded={answer}>
      {({ rows, otherRows }) => {
        const kept = rows.filter(keeps);
        if (kept.length === 0) return <Empty title={whenEmpty ?? 'Nothing in this span.'} />;
        return (
          <>
            <Table
              label={`By ${dimensionName(by).toLowerCase()}`}
              file={`by-${by}`}
              rows={kept}
              keyOf={({ keys }) => keys[0] ?? ''}
              columns={[
                {
                  name: dimensionName(by),
                  cell: ({ keys }) => <Link href={link(keys[0] ?? null)}>{keys[0] ?? 'not set'}</Link>,
                  value: ({ keys }) => keys[0] ?? '',
                },
                ...measures.map((measure) => ({
                  name: measureNames[measure].label,
                  isFigure: true,
                  cell: (row: QueryRow) => written(measure, figuresIn(measures, row).value(measure)),
                  value: (row: QueryRow) => figuresIn(measures, row).number(measure),
                })),
              ]}
            />
            {otherRows > 0 && <p className="quiet small">{wholeCount(otherRows)} more rows are left out; filters bring them in.</p>}
          </>
        );
      }}
    </Shown>
  );
}
