import type { Measure, QueryRow } from '../../src/analytics/query.ts';
import { figuresIn, useQuery, type Figures } from '../api/use-query.ts';
import { MeasureLines } from '../charts/measure-lines.tsx';
import { count, percent, wholeCount } from '../format/count.ts';
import { money } from '../format/money.ts';
import { signalText } from '../format/signals.ts';
import { Breakdown } from '../parts/breakdown.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { NoTraffic, ownUrl, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { callsLink } from '../state/explore.ts';
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
            <Signals calls={figures?.number('calls') ?? 0} />
          </Section>
          <MeasureLines title="Failure share over time" measures={['failureShare']} top={0.1} />
          <Section title="Scores">{figures?.number('scoredCalls') === 0 ? <HowToScore /> : <Scores />}</Section>
          <Section title="How answers ended">
            <Breakdown by="finishReason" measures={['calls', 'costUsd', 'outputTokens']} />
          </Section>
        </>
      )}
    </Page>
  );
}

function leadOf(figures: Figures): string {
  const calls = figures.number('calls');
  if (calls === 0) return 'No call was made in this span.';
  const failed = `${percent(figures.number('failureShare'))} of ${count(calls)} calls did not end well`;
  const scored = figures.number('scoredCalls') ?? 0;
  if (scored === 0) return `${failed}; nobody has scored one yet.`;
  return `${wholeCount(scored)} scored calls average ${Number((figures.number('score') ?? 0).toPrecision(3))}; ${failed}.`;
}

const signalMeasures = ['calls', 'costUsd'] as const;

/** What broke a prompt cache has a page of its own. */
const isOfQuality = ({ keys: [signal] }: QueryRow): boolean => typeof signal === 'string' && !signal.startsWith('prefix:');

function Signals({ calls }: { readonly calls: number }) {
  const { search } = usePlace();
  const { span } = useSpan();
  const answer = useQuery({ measures: signalMeasures, dimensions: ['signal'], filters: filtersOf(search), ...span, limit: 100 });
  return (
    <Shown loaded={answer}>
      {({ rows }) => {
        const found = rows.filter(isOfQuality);
        if (found.length === 0)
          return <p className="quiet">No call of this span is marked: none was cut off, refused, repeated or broken.</p>;
        return (
          <Table
            label="Signals of quality"
            file="signals"
            rows={found}
            keyOf={({ keys }) => keys[0]!}
            columns={[
              {
                name: 'Signal',
                cell: ({ keys }) => <Link href={callsLink(search, 'signal', keys[0]!)}>{keys[0]}</Link>,
                value: ({ keys }) => keys[0]!,
              },
              { name: 'Says', cell: ({ keys }) => signalText(keys[0]!).says },
              {
                name: 'Calls',
                isFigure: true,
                cell: ({ values }) => wholeCount(Number(values[0])),
                value: ({ values }) => Number(values[0]),
              },
              { name: 'Of all', isFigure: true, cell: ({ values }) => percent(calls === 0 ? null : Number(values[0]) / calls) },
              {
                name: 'Cost',
                isFigure: true,
                cell: ({ values }) => money(values[1] ?? null),
                value: ({ values }) => (values[1] === null ? null : Number(values[1])),
              },
            ]}
          />
        );
      }}
    </Shown>
  );
}

const Scores = () => (
  <div className="columns">
    <Breakdown by="model" measures={columns} />
    <Breakdown by="app" measures={columns} />
  </div>
);

const HowToScore = () => (
  <div className="empty">
    <p className="quiet">
      A score makes value per dollar known, by model and by app. Send one from 0 to 1 when it is known how a call, task or session went:
    </p>
    <Copyable
      label="request with a score"
      text={`curl ${ownUrl()}/api/feedback -H 'content-type: application/json' -d '{"session": "chat-17", "score": 0.8}'`}
    />
  </div>
);
