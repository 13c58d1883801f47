import type { CallRecord } from '../../src/core/record.ts';
import { loadSessionCalls } from '../api/calls.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { Legend } from '../charts/legend.tsx';
import { SeriesChart, type Point } from '../charts/series-chart.tsx';
import { count, percent, wholeCount } from '../format/count.ts';
import { nanoMoney } from '../format/money.ts';
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

const loopOf = ({ annotations }: CallRecord): string | undefined => annotations?.signals?.find((signal) => signal.startsWith('loop'));

function Turns({ calls }: { readonly calls: readonly CallRecord[] }) {
  const points = calls.map((call, at): Point => {
    const tokens = byKind(call.buckets);
    return { label: String(at + 1), longLabel: `Turn ${at + 1}, ${absolute(call.at)}`, values: context.map((kind) => tokens[kind.id]) };
  });
  const loops = new Map(calls.flatMap((call, at) => (loopOf(call) ? [[at, loopOf(call)!] as const] : [])));
  const inputs = calls.map(({ buckets }) => inputOf(byKind(buckets)));
  const read =
    calls.reduce((sum, { buckets }) => sum + byKind(buckets).cacheRead, 0) /
    Math.max(
      1,
      inputs.reduce((a, b) => a + b, 0),
    );
  const summary = `${percent(read)} of all input was read from the cache; the largest context was ${count(Math.max(...inputs))} tokens. ${loops.size === 0 ? 'No loop was seen.' : `${loops.size} turns are marked as loops.`}`;
  return (
    <>
      <ChartFrame title="Context per turn" summary={summary} legend={<Legend series={context} />} table={<TurnTable calls={calls} />}>
        <SeriesChart
          label={`Tokens of context per turn. ${summary}`}
          series={context}
          points={points}
          kind="stack"
          write={count}
          marks={loops}
          onChoose={(at) => go(`/ui/calls/${calls[at]!.id}`)}
        />
      </ChartFrame>
      <Section title="Turns">
        <TurnTable calls={calls} />
      </Section>
    </>
  );
}

function TurnTable({ calls }: { readonly calls: readonly CallRecord[] }) {
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
        { name: 'Marks', cell: (call) => <CallMarks call={call} /> },
      ]}
    />
  );
}
