import type { SavingsAnswer } from '../../src/compose/savings.ts';
import { get } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { figuresIn, useQuery } from '../api/use-query.ts';
import { count } from '../format/count.ts';
import { coarseMoney } from '../format/money.ts';
import { Breakdown } from '../parts/breakdown.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { StageTable } from '../parts/stage-table.tsx';
import { Fault, NoTraffic, Waiting } from '../parts/states.tsx';
import { kept } from '../state/explore.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';

const measures = ['savedUsd', 'savedTokens', 'cacheSavedUsd', 'costUsd', 'calls'] as const;

export default function Savings() {
  const { search } = usePlace();
  const { span } = useSpan();
  const { value } = useQuery({ measures, filters: filtersOf(search), ...span });
  const figures = value && figuresIn(measures, value.totals);
  const lead = !figures ? (
    <>&nbsp;</>
  ) : figures.number('calls') === 0 ? (
    'Nothing was saved yet: there were no calls.'
  ) : (
    <>
      Stages saved {coarseMoney(figures.number('savedUsd') ?? 0)} net, and {count(figures.number('savedTokens') ?? 0)} tokens
      <span className="quiet">; the vendors&rsquo; prompt caches {coarseMoney(figures.number('cacheSavedUsd') ?? 0)}.</span>
    </>
  );
  return (
    <Page name="Savings" lead={lead} tools={<RangeChoice />}>
      <FilterChips />
      <Section title="By stage" aside={<Link href={`/ui/recommendations${kept(search)}`}>What to change next</Link>}>
        <Stages from={span.from} />
      </Section>
      {figures?.number('calls') === 0 ? (
        <NoTraffic what="Each stage that saves tokens has a row here: off, observing, or on, and what it saved net of what it cost the cache." />
      ) : (
        <Section title="By app">
          <Breakdown by="app" measures={['savedUsd', 'savedTokens', 'cacheSavedUsd', 'costUsd', 'score']} />
        </Section>
      )}
    </Page>
  );
}

function Stages({ from }: { readonly from: number | undefined }) {
  const since = from === undefined ? '' : `?since=${new Date(from).toISOString()}`;
  const { value, error, reload } = useLoaded(`savings ${since}`, (signal) => get<SavingsAnswer>(`/api/savings${since}`, signal));
  if (value) return <StageTable answer={value} onChange={reload} />;
  if (error?.status === 404) return <p className="quiet">This gateway runs no stage that saves tokens.</p>;
  return error ? <Fault error={error} onRetry={reload} /> : <Waiting />;
}
