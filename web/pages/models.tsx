import { useState } from 'react';
import type { PricedModel, PricesAnswer } from '../../src/compose/dashboard.ts';
import { get } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { figuresIn, useQuery } from '../api/use-query.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { seriesColor } from '../charts/legend.tsx';
import { Scatter } from '../charts/scatter.tsx';
import { count, percent, wholeCount } from '../format/count.ts';
import { coarseMoney, money } from '../format/money.ts';
import { Breakdown } from '../parts/breakdown.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';

const columns = [
  'costUsd',
  'calls',
  'costPerCallUsd',
  'tokensPerCall',
  'cacheHitShare',
  'latencyP50Ms',
  'tokensPerSecond',
  'failureShare',
  'unpricedCalls',
  'score',
] as const;

export default function Models() {
  const { search } = usePlace();
  const { span } = useSpan();
  const { value } = useQuery({ measures: ['costUsd', 'calls'], dimensions: ['model'], filters: filtersOf(search), ...span });
  const total = Number(value?.totals.values[0] ?? 0);
  const [first] = value?.rows ?? [];
  const lead = !value ? (
    <>&nbsp;</>
  ) : first && total > 0 ? (
    `${value.rows.length} models did the work for ${coarseMoney(total)}; ${first.keys[0] ?? 'one without a name'} took ${percent(Number(first.values[0]) / total)} of it.`
  ) : (
    'No model has done any work in this span.'
  );
  return (
    <Page name="Models and prices" lead={lead} tools={<RangeChoice />}>
      <FilterChips />
      {(!value || first) && (
        <>
          <Section title="Models in use">
            <Breakdown by="model" measures={columns} />
          </Section>
          <CostAgainstQuality />
        </>
      )}
      <Prices used={new Set((value?.rows ?? []).flatMap(({ keys: [model] }) => model ?? []))} />
    </Page>
  );
}

const scatterMeasures = ['score', 'costPerCallUsd', 'scoredCalls'] as const;

function CostAgainstQuality() {
  const { search } = usePlace();
  const { span } = useSpan();
  const answer = useQuery({ measures: scatterMeasures, dimensions: ['model'], filters: filtersOf(search), ...span });
  const dots = (answer.value?.rows ?? []).flatMap((row, at) => {
    const figures = figuresIn(scatterMeasures, row);
    const [score, cost] = [figures.number('score'), figures.number('costPerCallUsd')];
    return score === null || cost === null
      ? []
      : [{ name: row.keys[0] ?? 'not set', x: cost, y: score, color: seriesColor(at), scored: figures.number('scoredCalls') }];
  });
  if (dots.length === 0)
    return (
      <Section title="Cost against quality">
        <p className="quiet">No call has a score yet. Feedback is sent by call, task or session:</p>
        <Copyable text={`curl ${location.origin}/api/feedback -H 'content-type: application/json' -d '{"call": "ID", "score": 0.8}'`} />
      </Section>
    );
  const summary = `${dots.length} models with scores; further up is better, further left is cheaper.`;
  return (
    <ChartFrame
      title="Cost against quality"
      summary={summary}
      table={
        <Table
          label="Cost and quality by model"
          file="cost-quality"
          rows={dots}
          keyOf={({ name }) => name}
          columns={[
            { name: 'Model', cell: ({ name }) => name },
            { name: 'Cost per call', isFigure: true, cell: ({ x }) => money(x), value: ({ x }) => x },
            { name: 'Score', isFigure: true, cell: ({ y }) => y.toPrecision(3), value: ({ y }) => y },
            { name: 'Scored calls', isFigure: true, cell: ({ scored }) => wholeCount(scored), value: ({ scored }) => scored },
          ]}
        />
      }
    >
      <Scatter label={summary} xName="Cost per call" dots={dots} writeX={money} writeY={(value) => value.toPrecision(2)} />
    </ChartFrame>
  );
}

const rateColumns = [
  ['input', 'Input'],
  ['cacheRead', 'Cache read'],
  ['cacheWrite', 'Cache write'],
  ['output', 'Output'],
] as const;

/** Of the tier from the first token on. Writes with a lifetime of their own stand for those without. */
const rateOf = ({ rates }: PricedModel, bucket: string): string | undefined =>
  (
    rates.find((rate) => rate.bucket === bucket && rate.above === undefined) ??
    rates.find((rate) => rate.bucket === `${bucket}5m` && rate.above === undefined)
  )?.usd;

/** Two decimals at least, so that points stand under each other. */
const rateText = (usd: number): string => `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`;

/** What has no known context is mostly what nobody uses any more. */
const priceRank = ({ id, contextTokens }: PricedModel, used: ReadonlySet<string>): number =>
  used.has(id) ? 0 : contextTokens === undefined ? 2 : 1;

const shownAtFirst = 25;

/** `used`: models of the page's span, which come first. */
function Prices({ used }: { readonly used: ReadonlySet<string> }) {
  const loaded = useLoaded('prices', (signal) => get<PricesAnswer>('/api/prices', signal));
  const [text, setText] = useState('');
  return (
    <Section title="Prices" aside={loaded.value && <span className="quiet">as of {loaded.value.asOf}, dollars per million tokens</span>}>
      <Shown loaded={loaded}>
        {({ models }) => {
          const words = text.toLowerCase();
          const found = models
            .filter(({ id, provider }) => `${provider}/${id}`.toLowerCase().includes(words))
            .toSorted((left, right) => priceRank(left, used) - priceRank(right, used));
          return (
            <>
              <div className="toolbar">
                <input
                  type="search"
                  aria-label="Find a model"
                  placeholder="Find a model"
                  value={text}
                  onChange={({ target }) => setText(target.value)}
                />
                <span className="quiet small">
                  {wholeCount(found.length)} models of the providers in use
                  {found.length > shownAtFirst ? `, the first ${shownAtFirst} shown` : ''}
                </span>
              </div>
              <Table
                label="Prices"
                file="prices"
                rows={found.slice(0, shownAtFirst)}
                keyOf={({ provider, id }) => `${provider}/${id}`}
                columns={[
                  { name: 'Model', cell: ({ id }) => id, value: ({ id }) => id },
                  { name: 'Provider', cell: ({ provider }) => provider, value: ({ provider }) => provider },
                  {
                    name: 'Context',
                    isFigure: true,
                    cell: ({ contextTokens }) => (contextTokens === undefined ? 'unknown' : count(contextTokens)),
                    value: ({ contextTokens }) => contextTokens ?? null,
                  },
                  ...rateColumns.map(([bucket, name]) => ({
                    name,
                    isFigure: true,
                    cell: (model: PricedModel) => {
                      const usd = rateOf(model, bucket);
                      return usd === undefined ? '' : rateText(Number(usd));
                    },
                    value: (model: PricedModel) => (rateOf(model, bucket) === undefined ? null : Number(rateOf(model, bucket))),
                  })),
                ]}
              />
            </>
          );
        }}
      </Shown>
    </Section>
  );
}
