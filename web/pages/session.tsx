import type { CallRecord } from '../../src/core/record.ts';
import { loadSessionCalls } from '../api/calls.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { Legend } from '../charts/legend.tsx';
import { SeriesChart, type Point } from '../charts/series-chart.tsx';
import { count, percent, wholeCount } from '../format/count.ts';
import { money, nanoMoney } from '../format/money.ts';
import { absolute } from '../format/time.ts';
import { CallMarks } from '../parts/call-marks.tsx';
import { byKind, inputOf, kinds } from '../parts/kinds.ts';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Empty, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { go, usePlace } from '../state/location.ts';

const order = ['cacheRead', 'cacheWrite', 'input'];
/** From the head of the prompt on: what the cache held comes first. */
const context = order.map((id) => kinds.find((kind) => kind.id === id)!);

export default function Session() {
  const id = decodeURIComponent(usePlace().path.slice('/ui/sessions/'.length));
  const loaded = useLoaded(`session ${id}`, (signal) => loadSessionCalls(id, signal), 15_000);
  const calls = loaded.value ?? [];
  return (
    <Page name={`Session ${id}`} lead={calls.length === 0 ? <>&nbsp;</> : leadOf(calls)}>
      <Shown loaded={loaded}>
        {(found) => (found.length === 0 ? <Empty title="No call belongs to this session." /> : <Turns calls={found} />)}
      </Shown>
    </Page>
  );
}

function leadOf(calls: readonly CallRecord[]): string {
  const cost = calls.reduce((sum, call) => sum + (call.cost.total ?? 0), 0);
  const [first, last] = [inputOf(byKind(calls[0]!.buckets)), inputOf(byKind(calls.at(-1)!.buckets))];
  return `${nanoMoney(cost)} over ${wholeCount(calls.length)} calls; the context went from ${count(first)} to ${count(last)} tokens.`;
}

const markOf = (call: CallRecord, beginning: string): string | undefined =>
  call.annotations?.signals?.find((signal) => signal.startsWith(beginning));

/** Turns with a mark of a kind, by their place. */
const marked = (calls: readonly CallRecord[], beginnings: readonly string[]): ReadonlyMap<number, string> =>
  new Map(
    calls.flatMap((call, at) => {
      const found = beginnings.flatMap((beginning) => markOf(call, beginning) ?? []);
      return found.length === 0 ? [] : [[at, found.join(', ')] as const];
    }),
  );

function Turns({ calls }: { readonly calls: readonly CallRecord[] }) {
  const points = calls.map((call, at): Point => {
    const tokens = byKind(call.buckets);
    return { label: String(at + 1), longLabel: `Turn ${at + 1}, ${absolute(call.at)}`, values: context.map((kind) => tokens[kind.id]) };
  });
  const loops = marked(calls, ['loop:']);
  const marks = marked(calls, ['loop:', 'prefix:']);
  const inputs = calls.map(({ buckets }) => inputOf(byKind(buckets)));
  const read =
    calls.reduce((sum, { buckets }) => sum + byKind(buckets).cacheRead, 0) /
    Math.max(
      1,
      inputs.reduce((a, b) => a + b, 0),
    );
  const summary = `${percent(read)} of all input was read from the cache; the largest context was ${count(Math.max(...inputs))} tokens. ${loopText(loops.size)}`;
  return (
    <>
      <ChartFrame
        title="Context per turn"
        summary={summary}
        legend={<Legend series={context} mark={marks.size > 0 ? 'A loop, or a prompt cache that broke' : undefined} />}
        table={<TurnTable calls={calls} />}
      >
        <SeriesChart
          label={`Tokens of context per turn. ${summary}`}
          series={context}
          points={points}
          kind="stack"
          write={count}
          marks={marks}
          onChoose={(at) => go(`/ui/calls/${calls[at]!.id}`)}
        />
      </ChartFrame>
      <Money calls={calls} />
      <Section title="Turns">
        <TurnTable calls={calls} />
      </Section>
    </>
  );
}

const loopText = (loops: number): string =>
  loops === 0 ? 'No loop was seen.' : loops === 1 ? '1 turn is marked as a loop.' : `${loops} turns are marked as loops.`;

/** What each turn cost, by kind of token. */
function Money({ calls }: { readonly calls: readonly CallRecord[] }) {
  const points = calls.map(({ at, cost }, turn): Point => {
    const byToken = byKind(cost.byBucket);
    return { label: String(turn + 1), longLabel: `Turn ${turn + 1}, ${absolute(at)}`, values: kinds.map(({ id }) => byToken[id] / 1e9) };
  });
  const known = calls.flatMap(({ cost }, turn) => (cost.total === null ? [] : [{ turn, total: cost.total }]));
  const dearest = known.toSorted((left, right) => right.total - left.total)[0];
  const unknown = calls.length - known.length;
  const summary = `${dearest ? `Turn ${dearest.turn + 1} cost most: ${nanoMoney(dearest.total)}.` : 'No cost is known.'}${unknown > 0 && dearest ? ` Turns without a known price: ${unknown}.` : ''}`;
  return (
    <ChartFrame title="Money per turn" summary={summary} legend={<Legend series={kinds} />} table={<TurnTable calls={calls} />}>
      <SeriesChart
        label={`Cost of each turn by kind of token. ${summary}`}
        series={kinds}
        points={points}
        kind="stack"
        write={money}
        height={160}
        onChoose={(at) => go(`/ui/calls/${calls[at]!.id}`)}
      />
    </ChartFrame>
  );
}

/** Nano-USD up to the end of each call, by its id; what is unknown is not in it. */
function costsSoFar(calls: readonly CallRecord[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  let sum = 0;
  for (const { id, cost } of calls) {
    sum += cost.total ?? 0;
    sums.set(id, sum);
  }
  return sums;
}

function TurnTable({ calls }: { readonly calls: readonly CallRecord[] }) {
  const soFar = costsSoFar(calls);
  return (
    <Table
      label="Turns of the session"
      file="session"
      rows={calls}
      keyOf={({ id }) => id}
      columns={[
        { name: 'Turn', cell: (call) => <Link href={`/ui/calls/${call.id}`}>{calls.indexOf(call) + 1}</Link>, value: ({ at }) => at },
        { name: 'Model', cell: ({ model }) => model, value: ({ model }) => model },
        ...context.map(({ id, name }) => ({
          name,
          isFigure: true,
          cell: ({ buckets }: CallRecord) => wholeCount(byKind(buckets)[id]),
          value: ({ buckets }: CallRecord) => byKind(buckets)[id],
        })),
        {
          name: 'Output',
          isFigure: true,
          cell: ({ buckets }) => wholeCount(byKind(buckets).output),
          value: ({ buckets }) => byKind(buckets).output,
        },
        { name: 'Cost', isFigure: true, cell: ({ cost }) => nanoMoney(cost.total), value: ({ cost }) => cost.total },
        { name: 'So far', isFigure: true, cell: (call) => nanoMoney(soFar.get(call.id)), value: (call) => soFar.get(call.id) ?? null },
        { name: 'Marks', cell: (call) => <CallMarks call={call} /> },
      ]}
    />
  );
}
