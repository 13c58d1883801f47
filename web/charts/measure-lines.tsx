import type { Measure } from '../../src/analytics/query.ts';
import { measureNames, written } from '../api/measures.ts';
import { useQuery } from '../api/use-query.ts';
import { absolute, bucketText } from '../format/time.ts';
import { chartHeightPx, Shown } from '../parts/states.tsx';
import { bucketed } from '../state/buckets.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { timeZone } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';
import { ChartFrame } from './frame.tsx';
import { Legend, seriesColor } from './legend.tsx';
import { PointTable } from './point-table.tsx';
import { SeriesChart, type Point } from './series-chart.tsx';

interface MeasureLinesProps {
  readonly title: string;
  /** Of one unit. */
  readonly measures: readonly Measure[];
  /** The axis ends here at least. */
  readonly top?: number;
}

/** Some measures over the span of the page, a line each. */
export function MeasureLines({ title, measures, top }: MeasureLinesProps) {
  const { search } = usePlace();
  const { span, bucket, now } = useSpan();
  const answer = useQuery({ measures, filters: filtersOf(search), ...span, bucket, timeZone });
  const series = measures.map((measure, at) => ({ name: measureNames[measure].label, color: seriesColor(at) }));
  const write = (value: number): string => written(measures[0]!, value);
  return (
    <Shown loaded={answer} heightPx={chartHeightPx}>
      {({ rows, from }) => {
        const points = bucketed(rows, bucket, { from: span.from ?? from, to: span.to ?? now + 60_000 }).map(({ time, row }): Point => ({
          label: bucketText(time, bucket),
          longLabel: absolute(time),
          values: measures.map((_, of) => (row?.values[of] === undefined || row.values[of] === null ? null : Number(row.values[of]))),
        }));
        const summary = summaryOf(points, write, `${series[0]!.name.toLowerCase()}, by ${bucket}`);
        return (
          <ChartFrame
            title={title}
            summary={summary}
            legend={<Legend series={series} />}
            table={
              <PointTable
                label={title}
                file={title.toLowerCase().replaceAll(/\W+/g, '-')}
                points={points.filter(({ values }) => values.some((value) => value !== null))}
                names={series.map(({ name }) => name)}
                write={write}
                missing="unknown"
              />
            }
          >
            <SeriesChart
              label={`${title}. ${summary}`}
              series={series}
              points={points}
              kind="lines"
              write={write}
              {...(top !== undefined && { top })}
            />
          </ChartFrame>
        );
      }}
    </Shown>
  );
}

function summaryOf(points: readonly Point[], write: (value: number) => string, of: string): string {
  const told = points.flatMap(({ values: [value] }) => (value === null || value === undefined ? [] : [value]));
  if (told.length === 0) return 'Nothing can be told of this span.';
  return `Between ${write(Math.min(...told))} and ${write(Math.max(...told))}: ${of}.`;
}
