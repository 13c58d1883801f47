import { figuresIn, useQuery } from '../api/use-query.ts';
import { coarseMoney, money } from '../format/money.ts';
import { absolute, bucketText } from '../format/time.ts';
import { kinds } from '../parts/kinds.ts';
import { chartHeightPx, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { bucketed } from '../state/buckets.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { timeZone } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';
import { ChartFrame } from './frame.tsx';
import { Legend } from './legend.tsx';
import { SeriesChart, type Point } from './series-chart.tsx';

const measures = kinds.map(({ cost }) => cost);

/** Cost over time, stacked by the five kinds of tokens. */
export function CostByKind() {
  const { search } = usePlace();
  const { span, bucket, now } = useSpan();
  const answer = useQuery({ measures, filters: filtersOf(search), ...span, bucket, timeZone });
  return (
    <Shown loaded={answer} heightPx={chartHeightPx}>
      {({ rows, from }) => {
        const points = bucketed(rows, bucket, { from: span.from ?? from, to: span.to ?? now + 60_000 }).map(({ time, row }): Point => {
          const figures = row && figuresIn(measures, row);
          return {
            label: bucketText(time, bucket),
            longLabel: absolute(time),
            values: measures.map((measure) => (figures ? (figures.number(measure) ?? 0) : 0)),
          };
        });
        const sums = measures.map((_, of) => points.reduce((total, { values }) => total + (values[of] ?? 0), 0));
        const most = kinds[sums.indexOf(Math.max(...sums))]!;
        const summary = `Most went to ${most.name.toLowerCase()}: ${money(Math.max(...sums))} of ${money(sums.reduce((a, b) => a + b, 0))}.`;
        return (
          <ChartFrame
            title="Cost by kind of token"
            summary={summary}
            legend={<Legend series={kinds} />}
            table={<PointTable points={points} />}
          >
            <SeriesChart
              label={`Cost by kind of token, by ${bucket}. ${summary}`}
              series={kinds}
              points={points}
              kind="stack"
              write={coarseMoney}
            />
          </ChartFrame>
        );
      }}
    </Shown>
  );
}

function PointTable({ points }: { readonly points: readonly Point[] }) {
  return (
    <Table
      label="Cost by kind of token"
      file="cost-by-kind"
      rows={points.filter(({ values }) => values.some((value) => value !== 0))}
      keyOf={({ longLabel }) => longLabel}
      columns={[
        { name: 'From', cell: ({ longLabel }) => longLabel },
        ...kinds.map(({ name }, of) => ({
          name,
          isFigure: true,
          cell: ({ values }: Point) => money(values[of] ?? 0),
          value: ({ values }: Point) => values[of] ?? 0,
        })),
      ]}
    />
  );
}
