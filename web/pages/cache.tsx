import type { QueryRow } from '../../src/analytics/query.ts';
import { figuresIn, useQuery } from '../api/use-query.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { Legend } from '../charts/legend.tsx';
import { SeriesChart, type Point } from '../charts/series-chart.tsx';
import { percent } from '../format/count.ts';
import { coarseMoney } from '../format/money.ts';
import { absolute, bucketText } from '../format/time.ts';
import { Breakdown } from '../parts/breakdown.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { SignalTable } from '../parts/signal-table.tsx';
import { chartHeightPx, NoTraffic, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { bucketed, type Slot } from '../state/buckets.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { timeZone } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';

const measures = ['cacheHitShare', 'cacheSavedUsd', 'calls'] as const;
const columns = ['cacheHitShare', 'cacheSavedUsd', 'cacheReadTokens', 'costUsd'] as const;

export default function CacheHealth() {
  const { search } = usePlace();
  const { span } = useSpan();
  const { value } = useQuery({ measures, filters: filtersOf(search), ...span });
  const figures = value && figuresIn(measures, value.totals);
  const saved = figures?.number('cacheSavedUsd') ?? null;
  const lead = !figures ? (
    <>&nbsp;</>
  ) : saved === null ? (
    'Nobody knows yet what the prompt cache saved.'
  ) : (
    <>
      The prompt cache {saved < 0 ? 'cost' : 'saved'} {coarseMoney(Math.abs(saved))}; {percent(figures.number('cacheHitShare'))} of the
      input was read from it.
    </>
  );
  return (
    <Page name="Cache health" lead={lead} tools={<RangeChoice />}>
      <FilterChips />
      {figures?.number('calls') === 0 ? (
        <NoTraffic what="Here stands how much of the input the vendors' prompt caches held, and what broke them." />
      ) : (
        <Body />
      )}
    </Page>
  );
}

function Body() {
  return (
    <>
      <HitShare />
      <Section title="What broke the prefix">
        <SignalTable
          label="What broke the prefix"
          keeps={(signal) => signal.startsWith('prefix:')}
          whenEmpty="No call of this span is marked as breaking its prefix."
        />
      </Section>
      <div className="columns">
        <Section title="By app">
          <Breakdown by="app" measures={columns} />
        </Section>
        <Section title="By model">
          <Breakdown by="model" measures={columns} />
        </Section>
      </div>
    </>
  );
}

const series = [{ name: 'Share of the input read from the cache', color: 'var(--series-5)' }];

function HitShare() {
  const { search } = usePlace();
  const { span, bucket, now } = useSpan();
  const filters = filtersOf(search);
  const answer = useQuery({ measures: ['cacheHitShare'], filters, ...span, bucket, timeZone });
  const breakers = useQuery({ measures: ['calls'], dimensions: ['signal'], filters, ...span, bucket, timeZone });
  return (
    <Shown loaded={answer} heightPx={chartHeightPx}>
      {({ rows, from }) => {
        const slots = bucketed(rows, bucket, { from: span.from ?? from, to: span.to ?? now + 60_000 });
        const points = slots.map(({ time, row }): Point => ({
          label: bucketText(time, bucket),
          longLabel: absolute(time),
          values: [row?.values[0] === undefined || row.values[0] === null ? null : Number(row.values[0])],
        }));
        const told = points.flatMap(({ values }) => (values[0] === null || values[0] === undefined ? [] : [values[0]]));
        const summary =
          told.length === 0
            ? 'Nothing could be read from a cache.'
            : `Between ${percent(Math.min(...told))} and ${percent(Math.max(...told))}, by ${bucket}.`;
        const marks = marksOf(breakers.value?.rows ?? [], slots, told);
        return (
          <ChartFrame
            title="Hit share"
            summary={summary}
            legend={<Legend series={series} mark={marks.size > 0 ? 'A dip at which prefixes broke' : undefined} />}
            table={
              <Table
                label="Hit share over time"
                file="hit-share"
                rows={points.filter(({ values }) => values[0] !== null)}
                keyOf={({ longLabel }) => longLabel}
                columns={[
                  { name: 'From', cell: ({ longLabel }) => longLabel },
                  { name: 'Hit share', isFigure: true, cell: ({ values }) => percent(values[0]), value: ({ values }) => values[0] ?? null },
                ]}
              />
            }
          >
            <SeriesChart
              label={`Share of the input read from the prompt cache. ${summary}`}
              series={series}
              points={points}
              kind="lines"
              write={percent}
              top={1}
              marks={marks}
            />
          </ChartFrame>
        );
      }}
    </Shown>
  );
}

/** The dips at which prefixes broke, with what broke most of them. */
function marksOf(rows: readonly QueryRow[], slots: readonly Slot[], shares: readonly number[]): ReadonlyMap<number, string> {
  const middle = shares.toSorted((left, right) => left - right)[shares.length >> 1] ?? 0;
  const marks = new Map<number, string>();
  const broken = rows.filter(({ keys }) => keys[0]?.startsWith('prefix:'));
  for (const row of broken.toSorted((left, right) => Number(left.values[0]) - Number(right.values[0]))) {
    const at = slots.findIndex(({ time }) => time === row.time);
    const share = slots[at]?.row?.values[0];
    if (share === null || share === undefined || Number(share) >= middle) continue;
    marks.set(at, `${row.keys[0]!.slice('prefix:'.length)} broke the prefix of ${row.values[0]} calls`);
  }
  return marks;
}
