import type { Dimension, Measure } from '../../src/analytics/query.ts';
import { useState } from 'react';
import { figuresIn, useQuery, type Figures } from '../api/use-query.ts';
import { CostByKind } from '../charts/cost-by-kind.tsx';
import { change, count, percent, wholeCount } from '../format/count.ts';
import { coarseMoney } from '../format/money.ts';
import { FiveBar, FiveLegend } from '../parts/five-bar.tsx';
import { kinds, type ByKind } from '../parts/kinds.ts';
import { FilterChips } from '../parts/filters.tsx';
import { Doubts, doubtMeasures } from '../parts/doubts.tsx';
import { Month } from '../parts/month.tsx';
import { Link } from '../parts/link.tsx';
import { Movers } from '../parts/movers.tsx';
import { NextChanges } from '../parts/next-changes.tsx';
import { PartBar } from '../parts/part-bar.tsx';
import { partSums } from '../state/part-sums.ts';
import { Choice } from '../parts/choice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { NoTraffic, Shown } from '../parts/states.tsx';
import { Tile } from '../parts/tile.tsx';
import { exploreLink, kept } from '../state/explore.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { rangeNames, isRangeName } from '../state/range.ts';
import { useMonth, type MonthView } from '../state/use-month.ts';
import { useSpan } from '../state/use-span.ts';

const measures = [
  'costUsd',
  'calls',
  'failures',
  ...kinds.map(({ tokens }) => tokens),
  'cacheHitShare',
  'cacheSavedUsd',
  'savedUsd',
  'latencyP50Ms',
  ...doubtMeasures,
] as const satisfies readonly Measure[];

/** What was spent, why, and what moved. */
export function Overview() {
  const { search } = usePlace();
  const { span } = useSpan();
  const month = useMonth();
  const filters = filtersOf(search);
  const answer = useQuery({ measures, filters, ...span, ...(span.from !== undefined && { compareTo: 'previous' as const }) });
  const ever = useQuery({ measures: ['calls'] });
  const hasCalls = ever.value === undefined || Number(ever.value.totals.values[0] ?? 0) > 0;
  return (
    <Page name="Overview" lead={hasCalls ? <Lead month={month.month} /> : 'Nothing was spent yet.'} tools={<RangeChoice />}>
      <FilterChips />
      {hasCalls ? (
        <>
          <Shown loaded={answer}>{({ totals }) => <Figured figures={figuresIn(measures, totals)} />}</Shown>
          <NextChanges />
          <div className="columns">
            <CostByKind />
            <Month {...month} />
          </div>
          <InputByPart />
          <TopMovers />
        </>
      ) : (
        <NoTraffic what="This page shows what you spend, on what, and where the month is going." />
      )}
    </Page>
  );
}

function Lead({ month }: { readonly month: MonthView | undefined }) {
  if (!month) return <>&nbsp;</>;
  const { today, spent, expected, budget } = month;
  const held = budget === undefined ? '' : ` of a budget of ${coarseMoney(budget)}`;
  return (
    <>
      {coarseMoney(today)} spent today, {coarseMoney(spent.at(-1) ?? 0)} this month
      <span className="quiet">
        , on the way to {coarseMoney(expected.expected)}
        {held}.
      </span>
    </>
  );
}

function Figured({ figures }: { readonly figures: Figures }) {
  const { search } = usePlace();
  const range = new URLSearchParams(search).get('range');
  const name = isRangeName(range) ? rangeNames[range].toLowerCase() : range === null ? '7 days' : 'chosen span';
  const tokens = Object.fromEntries(kinds.map((kind) => [kind.id, figures.number(kind.tokens) ?? 0])) as unknown as ByKind;
  const cost = figures.number('costUsd') ?? 0;
  const saved = figures.number('savedUsd');
  const cacheSaved = figures.number('cacheSavedUsd');
  const link = (measure: Measure, by: Dimension): string => exploreLink(search, { measure, by });
  return (
    <>
      <div className="tiles">
        <Tile
          name={`Cost, ${name}`}
          value={coarseMoney(figures.value('costUsd') ?? '0')}
          note={against(cost, figures.before('costUsd'))}
          href={link('costUsd', 'app')}
        />
        <Tile
          name="Calls"
          value={count(figures.number('calls'))}
          note={`${wholeCount(figures.number('failures'))} did not end well`}
          href={`/ui/calls${search}`}
        />
        <Tile
          name="Read from cache"
          value={percent(figures.number('cacheHitShare'))}
          note={cacheSaved === null ? 'of the input' : `of the input, ${coarseMoney(cacheSaved)} ${cacheSaved < 0 ? 'lost' : 'saved'}`}
          href={`/ui/cache${search}`}
        />
        <Tile name="Saved by stages, net" value={coarseMoney(saved ?? 0)} note="net of cache effects" href={`/ui/savings${search}`} />
        <Tile
          name="Unpriced calls"
          value={wholeCount(figures.number('unpricedCalls'))}
          note={<Doubts figures={figures} />}
          href={link('unpricedCalls', 'model')}
        />
      </div>
      <Section title="Tokens by kind">
        <FiveBar tokens={tokens} isBig />
        <FiveLegend tokens={tokens} />
      </Section>
    </>
  );
}

/** What the input is made of: the first place to look for waste. */
function InputByPart() {
  const { search } = usePlace();
  const { span } = useSpan();
  const answer = useQuery({ measures: ['partTokens'], dimensions: ['part'], filters: filtersOf(search), ...span });
  return (
    <Section title="Input by part of the prompt" aside={<Link href={`/ui/parts${kept(search)}`}>By app and over time</Link>}>
      <Shown loaded={answer}>{({ rows }) => <PartBar sums={partSums(rows)} />}</Shown>
    </Section>
  );
}

const against = (now: number, before: number | null): string =>
  before === null ? 'since the first call' : before === 0 ? 'nothing in the span before' : `${change(now, before)} on the span before`;

const moverDimensions = [
  ['app', 'App'],
  ['feature', 'Feature'],
  ['model', 'Model'],
  ['user', 'User'],
] as const;

function TopMovers() {
  const [by, setBy] = useState<(typeof moverDimensions)[number][0]>('app');
  return (
    <Section title="Top movers" aside={<Choice label="By" options={moverDimensions} chosen={by} onChoose={setBy} />}>
      <Movers by={by} />
    </Section>
  );
}
