import { useState, type SyntheticEvent } from 'react';
import type { Dimension, Measure } from '../../src/analytics/query.ts';
import { allDimensions, allMeasures, dimensionName, measureNames, written } from '../api/measures.ts';
import { post } from '../api/client.ts';
import { useQuery } from '../api/use-query.ts';
import { day } from '../format/time.ts';
import { useSpan } from '../state/use-span.ts';
import { Pick } from './choice.tsx';
import { Field } from './dialog.tsx';
import { Fault } from './states.tsx';
import { useAct } from './use-act.ts';

const kinds = [
  ['above', 'is above'],
  ['below', 'is below'],
  ['changePercent', 'changes by, in percent,'],
  ['anomaly', 'is unusual'],
] as const;
type Kind = (typeof kinds)[number][0];

const spans = [
  ['15m', '15 minutes'],
  ['1h', 'an hour'],
  ['1d', 'a day'],
  ['7d', 'a week'],
] as const;
type SpanName = (typeof spans)[number][0];

const severities = [
  ['info', 'info'],
  ['warning', 'warning'],
  ['critical', 'critical'],
] as const;
type Severity = (typeof severities)[number][0];

const measureOptions = allMeasures
  .filter((measure) => measure !== 'partTokens')
  .map((measure) => [measure, measureNames[measure].label] as const);
const dimensionOptions: readonly (readonly [Dimension | 'all', string])[] = [
  ['all', 'all calls'],
  ...allDimensions.map((by) => [by, `each ${dimensionName(by).toLowerCase()}`] as const),
];

interface NewAlertProps {
  readonly channels: readonly string[];
  readonly onMade: () => void;
}

interface Draft {
  readonly name: string;
  readonly measure: Measure;
  readonly by: Dimension | 'all';
  readonly kind: Kind;
  readonly limit: string;
  readonly over: SpanName;
  readonly to: string;
  readonly severity: Severity;
}

const first: Draft = { name: '', measure: 'costUsd', by: 'all', kind: 'above', limit: '10', over: '1h', to: 'log', severity: 'warning' };

/** An entry as the configuration has it. An anomaly is watched by the hour or the day, and for all calls together. */
function entryOf({ name, measure, by, kind, limit, over, to, severity }: Draft): object {
  const isAnomaly = kind === 'anomaly';
  const query = { measures: [measure], ...(by !== 'all' && !isAnomaly && { dimensions: [by] }) };
  const span = !isAnomaly || over === '1h' || over === '1d' ? over : over === '7d' ? '1d' : '1h';
  return { name, when: { query, over: span, [kind]: isAnomaly ? {} : Number(limit) }, to: [to], severity };
}

export function NewAlert({ channels, onMade }: NewAlertProps) {
  const [draft, setDraft] = useState(first);
  const { run, error, isBusy } = useAct();
  const set = (changes: Partial<Draft>): void => setDraft({ ...draft, ...changes });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    run(async () => {
      await post('/api/alerts', entryOf(draft));
      onMade();
    });
  };
  return (
    <form className="section" onSubmit={submit}>
      <Field name="Name" hint="Letters, digits, dots, - and _.">
        <input type="text" required value={draft.name} onChange={({ target }) => set({ name: target.value })} />
      </Field>
      <div className="toolbar">
        <Pick label="Tell when" options={measureOptions} chosen={draft.measure} onChoose={(measure) => set({ measure })} />
        {draft.kind !== 'anomaly' && <Pick label="of" options={dimensionOptions} chosen={draft.by} onChoose={(by) => set({ by })} />}
      </div>
      <div className="toolbar">
        <Pick label="it" options={kinds} chosen={draft.kind} onChoose={(kind) => set({ kind })} />
        {draft.kind !== 'anomaly' && (
          <input
            type="number"
            step="any"
            required
            aria-label="Limit"
            size={8}
            value={draft.limit}
            onChange={({ target }) => set({ limit: target.value })}
          />
        )}
        <Pick label="over" options={spans} chosen={draft.over} onChoose={(over) => set({ over })} />
      </div>
      <div className="toolbar">
        <Pick
          label="to"
          options={channels.map((channel) => [channel, channel] as const)}
          chosen={draft.to}
          onChoose={(to) => set({ to })}
        />
        <Pick label="as" options={severities} chosen={draft.severity} onChoose={(severity) => set({ severity })} />
      </div>
      <Now draft={draft} />
      <p className="quiet small">Shares are from 0 to 1, money is in dollars. Channels such as Slack or mail stand in the configuration.</p>
      {error && <Fault error={error} />}
      <div>
        <button type="submit" className="button primary" disabled={isBusy}>
          Make the alert
        </button>
      </div>
    </form>
  );
}

const lengthMs: { readonly [S in SpanName]: number } = { '15m': day / 96, '1h': day / 24, '1d': day, '7d': 7 * day };

/** What the measure is at present: a limit is easier to choose beside it. */
function Now({ draft: { measure, by, kind, over } }: { readonly draft: Draft }) {
  const { now } = useSpan();
  const isEach = by !== 'all' && kind !== 'anomaly';
  const { value } = useQuery({ measures: [measure], ...(isEach && { dimensions: [by] }), from: now - lengthMs[over], limit: 1 });
  if (!value) return null;
  const row = isEach ? value.rows[0] : value.totals;
  const most = isEach && row ? `, the most of any: ${row.keys[0] ?? 'not set'}` : '';
  return (
    <p className="small" role="status">
      Over the last {spans.find(([span]) => span === over)![1].replace(/^an? /, '')} it was {written(measure, row?.values[0] ?? null)}
      {most}.
    </p>
  );
}
