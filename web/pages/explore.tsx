import type { Answer, Dimension, Measure, QueryRow } from '../../src/analytics/query.ts';
import { allDimensions, allMeasures, dimensionName, measureNames, written } from '../api/measures.ts';
import { useQuery } from '../api/use-query.ts';
import { Bars } from '../charts/bars.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { Legend, seriesColor } from '../charts/legend.tsx';
import { SeriesChart, type Point } from '../charts/series-chart.tsx';
import { change } from '../format/count.ts';
import { absolute, bucketText } from '../format/time.ts';
import { Pick } from '../parts/choice.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { chartHeightPx, NoTraffic, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { bucketed } from '../state/buckets.ts';
import { callsLink } from '../state/explore.ts';
import { filtersOf, withFilter } from '../state/filters.ts';
import { go, usePlace, withParameters, type Changes } from '../state/location.ts';
import { timeZone } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';

/** Series of a chart at most; the rest is in the table. */
const maxSeries = 7;
const additive: ReadonlySet<string> = new Set(['usd', 'count', 'tokens']);

interface Choice {
  readonly measure: Measure;
  readonly by: Dimension | undefined;
  readonly view: 'bars' | 'time';
  readonly compare: 'previous' | 'year' | undefined;
}

/** The choice stands in the address; what is no measure or dimension there is taken for the usual one. */
function choiceOf(search: string): Choice {
  const parameters = new URLSearchParams(search);
  const measure = parameters.get('measure') as Measure;
  const by = parameters.get('by');
  const compare = parameters.get('compare');
  const isDimension = by !== null && ((allDimensions as readonly string[]).includes(by) || /^tag:[\w.-]+$/.test(by));
  return {
    measure: allMeasures.includes(measure) ? measure : 'costUsd',
    by: by === 'none' ? undefined : isDimension ? (by as Dimension) : 'model',
    view: parameters.get('view') === 'time' ? 'time' : 'bars',
    compare: compare === 'previous' || compare === 'year' ? compare : undefined,
  };
}

export default function Explore() {
  const { path, search } = usePlace();
  const { span } = useSpan();
  const choice = choiceOf(search);
  const { measure, by, compare } = choice;
  const canCompare = span.from !== undefined;
  const answer = useQuery({
    measures: measure === 'calls' ? ['calls', 'costUsd'] : [measure, 'calls'],
    ...(by && { dimensions: [by] }),
    filters: filtersOf(search),
    ...span,
    ...(compare && canCompare && { compareTo: compare }),
    limit: 200,
  });
  const set = (changes: Changes): void => go(path + withParameters(search, changes));
  return (
    <Page name="Explore" lead={<Lead answer={answer.value} choice={choice} />} tools={<RangeChoice />}>
      <Toolbar choice={choice} canCompare={canCompare} set={set} />
      <FilterChips />
      <Shown loaded={answer} heightPx={chartHeightPx}>
        {(found) =>
          found.rows.length === 0 || found.totals.values.every((value) => value === null || Number(value) === 0) ? (
            <NoTraffic what="Any measure by any dimension stands here, once there are calls in this span." />
          ) : (
            <>
              {choice.view === 'time' ? <OverTime choice={choice} rows={found.rows} /> : <Compared choice={choice} rows={found.rows} />}
              <Section title="Rows">
                <RowTable choice={choice} answer={found} />
              </Section>
            </>
          )
        }
      </Shown>
    </Page>
  );
}

function Lead({ answer, choice: { measure, by } }: { readonly answer: Answer | undefined; readonly choice: Choice }) {
  if (!answer) return <>&nbsp;</>;
  const name = measureNames[measure].label;
  const [first] = answer.rows;
  const most = by && first && answer.rows.length > 1 ? `, most of it ${first.keys[0] ?? `without ${dimensionName(by).toLowerCase()}`}` : '';
  return (
    <>
      {name}: {written(measure, answer.totals.values[0] ?? null)}
      <span className="quiet">{additive.has(measureNames[measure].unit) ? most : ''}.</span>
    </>
  );
}

interface ToolbarProps {
  readonly choice: Choice;
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
const compareOptions = [
  ['none', 'nothing'],
  ['previous', 'the span before'],
  ['year', 'a year ago'],
] as const;

function Toolbar({ choice: { measure, by, view, compare }, canCompare, set }: ToolbarProps) {
  return (
    <div className="toolbar" role="group" aria-label="What is shown">
      <Pick label="Show" options={measureOptions} chosen={measure} onChoose={(next) => set({ measure: next })} />
      <Pick
        label="by"
        options={by?.startsWith('tag:') ? [...dimensionOptions, [by, dimensionName(by)]] : dimensionOptions}
        chosen={by ?? 'none'}
        onChoose={(next) => set({ by: next })}
      />
      <Pick label="as" options={viewOptions} chosen={view} onChoose={(next) => set({ view: next })} />
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

const ofWhich = (by: Dimension, shown: number, all: number): string =>
  shown === all
    ? ` and ${dimensionName(by).toLowerCase()}`
    : `, the ${shown} largest of ${all} values of ${dimensionName(by).toLowerCase()}`;

const nameOf = ({ keys }: QueryRow): string => (keys.length === 0 ? 'All' : (keys[0] ?? 'not set'));

function Compared({ choice: { measure, by }, rows }: { readonly choice: Choice; readonly rows: readonly QueryRow[] }) {
  const { search } = usePlace();
  return (
    <Section title={`${measureNames[measure].label}${by ? ` by ${dimensionName(by).toLowerCase()}` : ''}`}>
      <Bars
        label={measureNames[measure].label}
        bars={rows.slice(0, 15).map((row) => ({
          name: nameOf(row),
          value: Number(row.values[0] ?? 0),
          text: written(measure, row.values[0] ?? null),
          ...(by && { href: `/ui/explore${withParameters(search, { f: withFilter(search, by, row.keys[0] ?? null) })}` }),
        }))}
      />
    </Section>
  );
}

function OverTime({ choice: { measure, by }, rows }: { readonly choice: Choice; readonly rows: readonly QueryRow[] }) {
  const { search } = usePlace();
  const { span, bucket, now } = useSpan();
  const names = rows.slice(0, maxSeries).map(nameOf);
  const answer = useQuery({ measures: [measure], ...(by && { dimensions: [by] }), filters: filtersOf(search), ...span, bucket, timeZone });
  const series = names.map((name, at) => ({ name, color: seriesColor(at) }));
  const write = (value: number): string => written(measure, value);
  return (
    <Shown loaded={answer} heightPx={chartHeightPx}>
      {(found) => {
        const slots = names.map((name) =>
          bucketed(
            found.rows.filter((row) => nameOf(row) === name),
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
        const summary = `${measureNames[measure].label} by ${bucket}${by ? ofWhich(by, series.length, rows.length) : ''}.`;
        return (
          <ChartFrame
            title={`${measureNames[measure].label} over time`}
            summary={summary}
            legend={<Legend series={series} />}
            table={<TimeTable points={points} names={names} write={write} />}
          >
            <SeriesChart label={summary} series={series} points={points} kind={isStacked ? 'stack' : 'lines'} write={write} height={260} />
          </ChartFrame>
        );
      }}
    </Shown>
  );
}

interface TimeTableProps {
  readonly points: readonly Point[];
  readonly names: readonly string[];
  readonly write: (value: number) => string;
}

function TimeTable({ points, names, write }: TimeTableProps) {
  return (
    <Table
      label="Figures over time"
      file="over-time"
      rows={points}
      keyOf={({ longLabel }) => longLabel}
      columns={[
        { name: 'From', cell: ({ longLabel }) => longLabel },
        ...names.map((name, of) => ({
          name,
          isFigure: true,
          cell: ({ values }: Point) => (values[of] === null ? '' : write(values[of]!)),
          value: ({ values }: Point) => values[of] ?? null,
        })),
      ]}
    />
  );
}

const numberOf = (value: number | string | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

function RowTable({ choice: { measure, by, compare }, answer }: { readonly choice: Choice; readonly answer: Answer }) {
  const { search } = usePlace();
  const second = measure === 'calls' ? 'costUsd' : 'calls';
  const hasBefore = compare !== undefined && answer.rows.some(({ before }) => before !== undefined);
  return (
    <Table
      label="Rows of the query"
      file={`${measure}-by-${by ?? 'all'}`}
      rows={answer.rows}
      keyOf={nameOf}
      columns={[
        {
          name: by ? dimensionName(by) : 'All',
          cell: (row) => (by ? <Link href={callsLink(search, by, row.keys[0] ?? null)}>{nameOf(row)}</Link> : 'All'),
          value: nameOf,
        },
        {
          name: measureNames[measure].label,
          isFigure: true,
          cell: ({ values }) => written(measure, values[0] ?? null),
          value: ({ values }) => numberOf(values[0]),
        },
        ...(hasBefore
          ? [
              {
                name: 'Before',
                isFigure: true,
                cell: ({ before }: QueryRow) => written(measure, before?.[0] ?? null),
                value: ({ before }: QueryRow) => numberOf(before?.[0]),
              },
              {
                name: 'Change',
                isFigure: true,
                cell: ({ values, before }: QueryRow) => change(Number(values[0] ?? 0), numberOf(before?.[0])),
              },
            ]
          : []),
        {
          name: measureNames[second].label,
          isFigure: true,
          cell: ({ values }) => written(second, values[1] ?? null),
          value: ({ values }) => numberOf(values[1]),
        },
      ]}
      footer={[
        'All',
        written(measure, answer.totals.values[0] ?? null),
        ...(hasBefore
          ? [
              written(measure, answer.totals.before?.[0] ?? null),
              change(Number(answer.totals.values[0] ?? 0), numberOf(answer.totals.before?.[0])),
            ]
          : []),
        written(second, answer.totals.values[1] ?? null),
      ]}
    />
  );
}
