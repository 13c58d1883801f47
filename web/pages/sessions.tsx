import { figuresIn, useQuery } from '../api/use-query.ts';
import { wholeCount } from '../format/count.ts';
import { coarseMoney, money } from '../format/money.ts';
import { Breakdown } from '../parts/breakdown.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { NoTraffic, ownUrl } from '../parts/states.tsx';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';

const measures = ['costPerTaskUsd', 'costPerSessionUsd', 'tasks', 'sessions', 'calls', 'contextOverhead'] as const;
const columns = ['costUsd', 'calls', 'tokensPerCall', 'contextOverhead', 'cacheHitShare', 'failures'] as const;

export default function Sessions() {
  const { search } = usePlace();
  const { span } = useSpan();
  const { value } = useQuery({ measures, filters: filtersOf(search), ...span });
  const figures = value && figuresIn(measures, value.totals);
  const tasks = figures?.number('tasks') ?? 0;
  const sessions = figures?.number('sessions') ?? 0;
  const lead = !figures ? (
    <>&nbsp;</>
  ) : tasks > 0 ? (
    `${coarseMoney(figures.value('costPerTaskUsd'))} per task, over ${wholeCount(tasks)} tasks.`
  ) : sessions > 0 ? (
    `${money(figures.value('costPerSessionUsd'))} per session, over ${wholeCount(sessions)} sessions.`
  ) : (
    'No call names its session or its task.'
  );
  return (
    <Page name="Sessions and tasks" lead={lead} tools={<RangeChoice />}>
      <FilterChips />
      {figures?.number('calls') === 0 && (
        <NoTraffic what="Sessions show how the context of a conversation grows, and what a task costs in the end." />
      )}
      {figures && figures.number('calls') !== 0 && sessions === 0 && tasks === 0 && <HowToLabel />}
      {(!figures || sessions > 0) && (
        <Section title="Sessions">
          <Breakdown
            by="session"
            measures={columns}
            limit={20}
            keeps={({ keys }) => keys[0] !== null}
            linkOf={(session) => `/ui/sessions/${encodeURIComponent(session ?? '')}`}
          />
        </Section>
      )}
      {(!figures || tasks > 0) && (
        <Section title="Tasks">
          <Breakdown by="task" measures={columns} limit={20} keeps={({ keys }) => keys[0] !== null} />
        </Section>
      )}
    </Page>
  );
}

const HowToLabel = () => (
  <div className="empty">
    <p className="quiet">Two headers of a request say it:</p>
    <Copyable
      label="request with labels"
      text={`curl ${ownUrl()}/v1/chat/completions -H 'x-modicum-session: chat-17' -H 'x-modicum-task: refund-4711' ...`}
    />
  </div>
);
