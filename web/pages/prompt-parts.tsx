import type { Answer, QueryRow } from '../../src/analytics/query.ts';
import { useQuery } from '../api/use-query.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { Legend } from '../charts/legend.tsx';
import { SeriesChart, type Point } from '../charts/series-chart.tsx';
import { count, percent, wholeCount } from '../format/count.ts';
import { partColor, partNames, promptParts } from '../format/prompt-parts.ts';
import { absolute, bucketText } from '../format/time.ts';
import { FilterChips } from '../parts/filters.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { PartBar } from '../parts/part-bar.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { chartHeightPx, NoTraffic, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { bucketed } from '../state/buckets.ts';
import { callsLink } from '../state/explore.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { partSums, partTotal, type PartSums } from '../state/part-sums.ts';
import { timeZone } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';

/** What prompts are made of, over all calls. */
export default function PromptParts() {
  const { search } = usePlace();
  const { span } = useSpan();
  const filters = filtersOf(search);
  const answer = useQuery({ measures: ['partTokens'], dimensions: ['part'], filters, ...span });
  const sums = answer.value && partSums(answer.value.rows);
  const isEmpty = sums !== undefined && partTotal(sums) === 0;
  return (
    <Page name="Parts of prompts" lead={sums ? leadOf(sums) : <>&nbsp;</>} tools={<RangeChoice />}>
      <FilterChips />
      {isEmpty ? (
        <NoTraffic what="This page shows what prompts are made of: instructions, tools, history, looked-up text, what tools told, and what is new." />
      ) : (
        <>
          <Shown loaded={answer}>{({ rows }) => <PartBar sums={partSums(rows)} />}</Shown>
          <OverTime />
          <Section title="By app">
            <ByApp />
          </Section>
          <p className="quiet small">
            The tokens of an input are the provider&rsquo;s own; how they fall to parts is an estimate, scaled to that total.
          </p>
        </>
      )}
    </Page>
  );
}

function leadOf(sums: PartSums): string {
  const total = partTotal(sums);
  if (total === 0) return 'No input was cut into parts in this span.';
  const [largest] = promptParts.toSorted((left, right) => sums[right] - sums[left]);
  return `Of ${count(total)} input tokens ${percent(sums.user / total)} is what was new in the call; ${percent(sums[largest!] / total)} is ${partNames[largest!].toLowerCase()}.`;
}

const series = promptParts.map((part) => ({ name: partNames[part], color: partColor(part) }));

function OverTime() {
  const { search } = usePlace();
  const { span, bucket, now } = useSpan();
  const answer = useQuery({ measures: ['partTokens'], dimensions: ['part'], filters: filtersOf(search), ...span, bucket, timeZone });
  return (
    <Shown loaded={answer} heightPx={chartHeightPx}>
      {(found) => {
        const points = pointsOf(
          found,
          (rows) => bucketed(rows, bucket, { from: span.from ?? found.from, to: span.to ?? now + 60_000 }),
          (time) => bucketText(time, bucket),
        );
        const summary = `Input tokens of all calls, by ${bucket}.`;
        return (
          <ChartFrame title="Input by part" summary={summary} legend={<Legend series={series} />} table={<PointTable points={points} />}>
            <SeriesChart label={`Input by part of the prompt. ${summary}`} series={series} points={points} kind="stack" write={count} />
          </ChartFrame>
        );
      }}
    </Shown>
  );
}

type Slots = (rows: readonly QueryRow[]) => ReturnType<typeof bucketed>;

function pointsOf({ rows }: Answer, slots: Slots, label: (time: number) => string): readonly Point[] {
  const byPart = promptParts.map((part) => slots(rows.filter(({ keys }) => keys.at(-1) === part)));
  return byPart[0]!.map(({ time }, at) => ({
    label: label(time),
    longLabel: absolute(time),
    values: byPart.map((of) => Number(of[at]?.row?.values[0] ?? 0)),
  }));
}

function PointTable({ points }: { readonly points: readonly Point[] }) {
  return (
    <Table
      label="Input by part over time"
      file="parts-over-time"
      rows={points.filter(({ values }) => values.some((value) => value !== 0))}
      keyOf={({ longLabel }) => longLabel}
      columns={[
        { name: 'From', cell: ({ longLabel }) => longLabel },
        ...series.map(({ name }, of) => ({
          name,
          isFigure: true,
          cell: ({ values }: Point) => wholeCount(values[of]),
          value: ({ values }: Point) => values[of] ?? 0,
        })),
      ]}
    />
  );
}

interface AppSums {
  readonly app: string | null;
  readonly sums: PartSums;
}

function ByApp() {
  const { search } = usePlace();
  const { span } = useSpan();
  const answer = useQuery({ measures: ['partTokens'], dimensions: ['app', 'part'], filters: filtersOf(search), ...span, limit: 700 });
  return (
    <Shown loaded={answer}>
      {({ rows }) => {
        const apps = [...new Set(rows.map(({ keys }) => keys[0] ?? null))];
        const found = apps.map((app): AppSums => ({ app, sums: partSums(rows.filter(({ keys }) => (keys[0] ?? null) === app)) }));
        return (
          <Table
            label="Input by app and part"
            file="parts-by-app"
            rows={found.toSorted((left, right) => partTotal(right.sums) - partTotal(left.sums))}
            keyOf={({ app }) => app ?? ''}
            columns={[
              {
                name: 'App',
                cell: ({ app }) => <Link href={callsLink(search, 'app', app)}>{app ?? 'not set'}</Link>,
                value: ({ app }) => app ?? '',
              },
              { name: 'Input', isFigure: true, cell: ({ sums }) => count(partTotal(sums)), value: ({ sums }) => partTotal(sums) },
              ...promptParts.map((part) => ({
                name: partNames[part],
                isFigure: true,
                cell: ({ sums }: AppSums) => percent(sums[part] / Math.max(1, partTotal(sums))),
                value: ({ sums }: AppSums) => sums[part] / Math.max(1, partTotal(sums)),
              })),
            ]}
          />
        );
      }}
    </Shown>
  );
}
