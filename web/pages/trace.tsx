import type { Dimension } from '../../src/analytics/query.ts';
import type { WhatIfAnswer } from '../../src/compose/dashboard.ts';
import type { CallRecord } from '../../src/core/record.ts';
import type { PromptView } from '../../src/server/dashboard/prompt.ts';
import { loadCall, loadPrompt, loadWhatIf } from '../api/calls.ts';
import { useLoaded, type Loaded } from '../api/use-loaded.ts';
import { useQuery } from '../api/use-query.ts';
import { wholeCount } from '../format/count.ts';
import { nanoMoney } from '../format/money.ts';
import { absolute, duration } from '../format/time.ts';
import { CallMarks, marksOf, withoutSignals } from '../parts/call-marks.tsx';
import { Diagnoses } from '../parts/diagnoses.tsx';
import { FiveBar, FiveLegend } from '../parts/five-bar.tsx';
import { byKind, kinds } from '../parts/kinds.ts';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { TokenMapView } from '../parts/token-map.tsx';
import { timeText, Waterfall } from '../parts/waterfall.tsx';
import { WhatIfTable } from '../parts/what-if.tsx';
import { callsLink } from '../state/explore.ts';
import { usePlace } from '../state/location.ts';

/** One call: what it cost, where its time went, what its prompt was made of. */
export default function Trace() {
  const id = decodeURIComponent(usePlace().path.slice('/ui/calls/'.length));
  const call = useLoaded(`call ${id}`, (signal) => loadCall(id, signal));
  const prompt = useLoaded(`prompt ${id}`, (signal) => loadPrompt(id, signal));
  const whatIf = useLoaded(`whatif ${id}`, (signal) => loadWhatIf(id, signal));
  return (
    <Page name="Call" lead={call.value ? <Lead call={call.value} /> : <>&nbsp;</>}>
      <Shown loaded={call}>{(found) => <Whole call={found} prompt={prompt} whatIf={whatIf} />}</Shown>
    </Page>
  );
}

function Lead({ call: { cost, model, durationMs, timeToFirstByteMs } }: { readonly call: CallRecord }) {
  return (
    <>
      {nanoMoney(cost.total)} for one call of {model}, {duration(durationMs)} in all
      <span className="quiet">{timeToFirstByteMs === undefined ? '.' : `, ${duration(timeToFirstByteMs)} to the first byte.`}</span>
    </>
  );
}

interface WholeProps {
  readonly call: CallRecord;
  readonly prompt: Loaded<PromptView>;
  readonly whatIf: Loaded<WhatIfAnswer>;
}

function Whole({ call, prompt, whatIf }: WholeProps) {
  const inUse = useQuery({ measures: ['calls'], dimensions: ['model'], limit: 100 });
  const used = new Set((inUse.value?.rows ?? []).flatMap(({ keys: [model] }) => model ?? []));
  const tokens = byKind(call.buckets);
  return (
    <>
      <Facts call={call} />
      <Diagnoses call={call} />
      <Section title="Where its time went">
        <p className="quiet small">{timeText(call)}</p>
        <Waterfall call={call} />
      </Section>
      <Section title="Token map">
        <Shown loaded={prompt}>{(view) => <TokenMapView call={call} prompt={view} />}</Shown>
      </Section>
      <div className="columns">
        <Section title="Tokens and cost by kind">
          <FiveBar tokens={tokens} isBig />
          <FiveLegend tokens={tokens} />
          <KindTable call={call} />
          <Savings call={call} />
        </Section>
        <Section title="What it would cost otherwise">
          <Shown loaded={whatIf}>{(answer) => <WhatIfTable answer={answer} used={used} />}</Shown>
        </Section>
      </div>
    </>
  );
}

const labelled = ['app', 'feature', 'user', 'team', 'task', 'client'] as const satisfies readonly Dimension[];

function Facts({ call }: { readonly call: CallRecord }) {
  const { labels, at, id, api, requestModel, provider, finishReason, status, key } = call;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ['Time', absolute(at)],
    ...labelled.flatMap((name): (readonly [string, React.ReactNode])[] =>
      labels[name] === undefined
        ? []
        : [
            [
              name.charAt(0).toUpperCase() + name.slice(1),
              <Link key={name} href={callsLink('', name, labels[name])}>
                {labels[name]}
              </Link>,
            ],
          ],
    ),
    ...(labels.session === undefined
      ? []
      : [
          [
            'Session',
            <Link key="session" href={`/ui/sessions/${encodeURIComponent(labels.session)}`}>
              {labels.session}
            </Link>,
          ] as const,
        ]),
    ['Asked for', requestModel],
    ['Served by', provider],
    ['API', api],
    ['Status', `${status}${finishReason === undefined ? '' : `, ${finishReason}`}`],
    ...(key === undefined ? [] : [['Key', key] as const]),
    ['Id', <code key="id">{id}</code>],
  ];
  return (
    <>
      {marksOf(withoutSignals(call)).length > 0 && (
        <div>
          <CallMarks call={call} hasSignals={false} />
        </div>
      )}
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} className={name === 'Id' ? 'whole' : undefined}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function KindTable({ call: { buckets, cost } }: { readonly call: CallRecord }) {
  const tokens = byKind(buckets);
  const costs = byKind(cost.byBucket);
  return (
    <Table
      label="Tokens and cost by kind"
      rows={kinds}
      keyOf={({ id }) => id}
      columns={[
        { name: 'Kind', cell: ({ name }) => name },
        { name: 'Tokens', isFigure: true, cell: ({ id }) => wholeCount(tokens[id]) },
        { name: 'Cost', isFigure: true, cell: ({ id }) => (cost.total === null && costs[id] === 0 ? 'unknown' : nanoMoney(costs[id])) },
      ]}
      footer={['All', '', nanoMoney(cost.total)]}
    />
  );
}

function Savings({ call: { annotations } }: { readonly call: CallRecord }) {
  const savings = annotations?.savings ?? [];
  if (savings.length === 0) return null;
  return (
    <Table
      label="What stages saved"
      rows={savings}
      keyOf={({ stage, rule = '' }) => `${stage} ${rule}`}
      columns={[
        { name: 'Stage', cell: ({ stage, rule }) => (rule === undefined ? stage : `${stage}: ${rule}`) },
        { name: 'State', cell: ({ mode }) => mode },
        { name: 'Basis', cell: ({ basis }) => basis },
        { name: 'Tokens', isFigure: true, cell: ({ inputTokens, outputTokens }) => wholeCount(inputTokens + outputTokens) },
        { name: 'Net', isFigure: true, cell: ({ cost }) => nanoMoney(cost) },
      ]}
    />
  );
}
