import type { Measure } from '../../src/analytics/query.ts';
import { figuresIn, useQuery, type Figures } from '../api/use-query.ts';
import { MeasureLines } from '../charts/measure-lines.tsx';
import { count, percent, wholeCount } from '../format/count.ts';
import { Breakdown } from '../parts/breakdown.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { SignalTable } from '../parts/signal-table.tsx';
import { NoTraffic, ownUrl } from '../parts/states.tsx';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';

const measures = ['calls', 'failures', 'failureShare', 'score', 'scoredCalls'] as const satisfies readonly Measure[];
const columns = ['score', 'scoredCalls', 'valuePerUsd', 'valuePerMillionTokens', 'failureShare', 'calls'] as const;

/** How good answers are, by what people said and by what the calls show themselves. */
export default function Quality() {
  const { search } = usePlace();
  const { span } = useSpan();
  const { value } = useQuery({ measures, filters: filtersOf(search), ...span });
  const figures = value && figuresIn(measures, value.totals);
  return (
    <Page name="Quality" lead={figures ? leadOf(figures) : <>&nbsp;</>} tools={<RangeChoice />}>
      <FilterChips />
      {figures?.number('calls') === 0 ? (
        <NoTraffic what="Scores of people, and what calls show of themselves: answers cut off, broken JSON, second tries." />
      ) : (
        <>
          <Section title="What calls show">
            <SignalTable
              label="Signals of quality"
              keeps={isOfQuality}
              whenEmpty="No call of this span is marked: none was cut off, refused, repeated or broken."
            />
          </Section>
          <MeasureLines title="Failure share over time" measures={['failureShare']} top={0.1} />
          {figures?.number('scoredCalls') === 0 ? <HowToScore /> : <Scores />}
          <Section title="How answers ended">
            <Breakdown by="finishReason" measures={['calls', 'costUsd', 'outputTokens']} />
          </Section>
        </>
      )}
    </Page>
  );
}

/** What broke a prompt cache has a page of its own. */
const isOfQuality = (signal: string): boolean => !signal.startsWith('prefix:');

function leadOf(figures: Figures): string {
  const calls = figures.number('calls');
  if (calls === 0) return 'No call was made in this span.';
  const failed = `${percent(figures.number('failureShare'))} of ${count(calls)} calls did not end well`;
  const scored = figures.number('scoredCalls') ?? 0;
  if (scored === 0) return `${failed}; nobody has scored one yet.`;
  return `${wholeCount(scored)} scored calls average ${Number((figures.number('score') ?? 0).toPrecision(3))}; ${failed}.`;
}

const Scores = () => (
  <>
    <Section title="Scores by model">
      <Breakdown by="model" measures={columns} />
    </Section>
    <Section title="Scores by app">
      <Breakdown by="app" measures={columns} />
    </Section>
  </>
);

const HowToScore = () => (
  <Section title="Scores">
    <p className="quiet">
      A score makes value per dollar known, by model and by app. Send one from 0 to 1 when it is known how a call, task or session went:
    </p>
    <Copyable
      label="request with a score"
      text={`curl ${ownUrl()}/api/feedback -H 'content-type: application/json' -d '{"session": "chat-17", "score": 0.8}'`}
    />
  </Section>
);
