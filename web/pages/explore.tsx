import type { Answer, Dimension, QueryRow } from '../../src/analytics/query.ts';
import { allDimensions, allMeasures, dimensionName, measureNames, written } from '../api/measures.ts';
import { useQuery } from '../api/use-query.ts';
import { Bars } from '../charts/bars.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { Legend, seriesColor } from '../charts/legend.tsx';
import { PointTable } from '../charts/point-table.tsx';
import { SeriesChart, type Point } from '../charts/series-chart.tsx';
import { wholeCount } from '../format/count.ts';
import { absolute, bucketText } from '../format/time.ts';
import { Pick } from '../parts/choice.tsx';
import { CrossTable } from '../parts/cross-table.tsx';
import { ExploreRows, narrowed } from '../parts/explore-rows.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { chartHeightPx, NoTraffic, Shown } from '../parts/states.tsx';
import { bucketed } from '../state/buckets.ts';
import { byText, exploreMeasures, exploreViewOf, rowName, type ExploreView } from '../state/explore-choice.ts';
import { filtersOf } from '../state/filters.ts';
import { go, usePlace, withParameters, type Changes } from '../state/location.ts';
import { timeZone } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';

/** Series of a chart at most; the rest is in the table. */
const maxSeries = 7;
const additive: ReadonlySet<string> = new Set(['usd', 'count', 'tokens']);

export default function Explore() {
  const { path, search } = usePlace();
  const { span } = useSpan();
  const view = exploreViewOf(search);
  const { by, compare } = view;
  const canCompare = span.from !== undefined;
  const answer = useQuery({
    measures: exploreMeasures(view),
    dimensions: by,
    filters: filtersOf(search),
    ...span,
    ...(compare && canCompare && { compareTo: compare }),
    limit: 200,
  });
  const set = (changes: Changes): void => go(path + withParameters(search, changes));
  return (
    <Page name="Explore" lead={<Lead answer={answer.value} view={view} />} tools={<RangeChoice />}>
      <Toolbar view={view} canCompare={canCompare} set={set} />
      <FilterChips />
      <Shown loaded={answer} heightPx={chartHeightPx}>
        {(found) =>
          found.rows.length === 0 || found.totals.values.every((value) => value === null || Number(value) === 0) ? (
            <NoTraffic what="Any measure by any dimension stands here, once there are calls in this span." />
          ) : (
            <>
              <Picture view={view} rows={found.rows} />
              <Section title="Rows">
                <ExploreRows view={view} answer={found} />
                {found.otherRows > 0 && <p className="quiet small">{wholeCount(found.otherRows)} more rows are left out.</p>}
              </Section>
            </>
          )
        }
      </Shown>
    </Page>
  );
}

function Picture({ view, rows }: { readonly view: ExploreView; readonly rows: readonly QueryRow[] }) {
  if (view.view === 'time') return <OverTime view={view} rows={rows} />;
  return view.view === 'cross' ? <CrossTable view={view} rows={rows} /> : <Compared view={view} rows={rows} />;
}

function Lead({ answer, view }: { readonly answer: Answer | undefined; readonly view: ExploreView }) {
  const { measure } = view;
  if (!answer) return <>&nbsp;</>;
  const name = measureNames[measure].label;
  const [first] = answer.rows;
  const most = first && answer.rows.length > 1 ? `, most of it ${rowName(first)}` : '';
  return (
    <>
      {name}: {written(measure, answer.totals.values[0] ?? null)}
      <span className="quiet">{additive.has(measureNames[measure].unit) ? most : ''}.</span>
    </>
  );
}

interface ToolbarProps {
  readonly view: ExploreView;
  readonly canCompare: boolean;
  readonly set: (changes: Changes) => void;
}

const measureOptions = allMeasures
  .filter((measure) => measure !== 'partTokens')
  .map((measure) => [measure, measureNames[measure].label] as const);
const dimensionOptions = [['none', 'nothing'], ...allDimensions.map((by) => [by, dimensionName(by)] as const)] as const;
const viewOptions = [
  ['bars', 'side by side'],
  ['time', 'over time'],
] as const;
const crossOptions = [...viewOptions, ['cross', 'crosswise']] as const;
const compareOptions = [
  ['none', 'nothing'],
  ['previous', 'the span before'],
  ['year', 'a year ago'],
] as const;

const withOwn = (by: Dimension | undefined): readonly (readonly [Dimension | 'none', string])[] =>
  by?.startsWith('tag:') ? [...dimensionOptions, [by, dimensionName(by)]] : dimensionOptions;

function Toolbar({ view: { measure, by, view, compare }, canCompare, set }: ToolbarProps) {
  const [first, second] = by;
  return (
    <div className="toolbar" role="group" aria-label="What is shown">
      {measure !== 'partTokens' && (
        <Pick label="Show" options={measureOptions} chosen={measure} onChoose={(next) => set({ measure: next })} />
      )}
      <Pick label="by" options={withOwn(first)} chosen={first ?? 'none'} onChoose={(next) => set({ by: next })} />
      {first && (
        <Pick
          label="and"
          options={withOwn(second)}
          chosen={second ?? 'none'}
          onChoose={(next) => set({ and: next === 'none' ? undefined : next })}
        />
      )}
      <Pick label="as" options={second ? crossOptions : viewOptions} chosen={view} onChoose={(next) => set({ view: next })} />
      {canCompare && (
        <Pick
          label="against"
          options={compareOptions}
          chosen={compare ?? 'none'}
          onChoose={(next) => set({ compare: next === 'none' ? undefined : next })}
        />
      )}
    </div>
  );
}

const ofWhich = (view: ExploreView, shown: number, all: number): string =>
  shown === all ? ` and ${byText(view)}` : `, the ${shown} largest of ${all} values of ${byText(view)}`;

function Compared({ view, rows }: { readonly view: ExploreView; readonly rows: readonly QueryRow[] }) {
  const { search } = usePlace();
  const { measure, by } = view;
  return (
    <Section title={`${measureNames[measure].label}${by.length > 0 ? ` by ${byText(view)}` : ''}`}>
      <Bars
        label={measureNames[measure].label}
        bars={rows.slice(0, 15).map((row) => ({
          name: rowName(row),
          value: Number(row.values[0] ?? 0),
          text: written(measure, row.values[0] ?? null),
          ...(by.length > 0 && { href: `/ui/explore${narrowed(search, by, row.keys)}` }),
        }))}
      />
    </Section>
  );
}

function OverTime({ view, rows }: { readonly view: ExploreView; readonly rows: readonly QueryRow[] }) {
  const { measure, by } = view;
  const { search } = usePlace();
  const { span, bucket, now } = useSpan();
  const names = rows.slice(0, maxSeries).map(rowName);
  const answer = useQuery({ measures: [measure], dimensions: by, filters: filtersOf(search), ...span, bucket, timeZone });
  const series = names.map((name, at) => ({ name, color: seriesColor(at) }));
  const write = (value: number): string => written(measure, value);
  return (
    <Shown loaded={answer} heightPx={chartHeightPx}>
      {(found) => {
        const slots = names.map((name) =>
          bucketed(
            found.rows.filter((row) => rowName(row) === name),
            bucket,
            { from: span.from ?? found.from, to: span.to ?? now + 60_000 },
          ),
        );
        const isStacked = additive.has(measureNames[measure].unit);
        const points = (slots[0] ?? []).map(({ time }, at): Point => {
          const values = slots.map((of) => {
            const value = of[at]?.row?.values[0];
            return value === null || value === undefined ? (isStacked ? 0 : null) : Number(value);
          });
          return { label: bucketText(time, bucket), longLabel: absolute(time), values };
        });
        const summary = `${measureNames[measure].label} by ${bucket}${by.length > 0 ? ofWhich(view, series.length, rows.length) : ''}.`;
        return (
          <ChartFrame
            title={`${measureNames[measure].label} over time`}
            summary={summary}
            legend={<Legend series={series} />}
            table={<PointTable label="Figures over time" file="over-time" points={points} names={names} write={write} missing="" />}
          >
            <SeriesChart label={summary} series={series} points={points} kind={isStacked ? 'stack' : 'lines'} write={write} height={260} />
          </ChartFrame>
        );
      }}
    </Shown>
  );
}
