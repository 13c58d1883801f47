import type { CallFigures, Series } from './call-figures.ts';
import { tokenKinds } from './call-figures.ts';
import type { Family, LabelPairs } from './exposition.ts';
import type { LoopDelay } from './loop-delay.ts';

/** A budget's counter as a gauge. */
export interface BudgetLeft {
  readonly budget: string;
  /** The key, user ... it is for; empty: all. */
  readonly subject: string;
  readonly unit: string;
  /** USD, tokens or calls. */
  readonly left: number;
}

/** What is known beside the calls, when asked. */
export interface Vitals {
  readonly inFlight: number;
  readonly ledger: {
    readonly ok: boolean;
    readonly appended: number;
    readonly dropped: number;
    readonly queuedBytes: number;
    readonly journalFailures: number;
    readonly ingestFailures: number;
  };
  readonly budgets: readonly BudgetLeft[];
  /** By what happened to what was exported or taken in: `exported`, `dropped`, `recorded`, `duplicate` ... */
  readonly spans: Readonly<Record<string, number>>;
  readonly version: string;
}

/** Everything `/metrics` tells. `common`: labels on each sample, such as the process. */
export function familiesOf(figures: CallFigures, delay: LoopDelay, vitals: Vitals, common: LabelPairs = []): readonly Family[] {
  const families = [...callFamilies(figures), ...vitalFamilies(figures, delay, vitals)];
  if (common.length === 0) return families;
  return families.map((family) => ({
    ...family,
    samples: family.samples.map(({ labels, value }) => ({ labels: [...common, ...labels], value })),
  }));
}

type Samples = (series: Series, labels: LabelPairs) => Family['samples'];

function callFamilies(figures: CallFigures): readonly Family[] {
  const all = [...figures.series].map((series) => ({
    series,
    labels: figures.labels.map((name, at): [string, string] => [name, series.values[at]!]),
  }));
  const family = (name: string, type: Family['type'], help: string, samples: Samples): Family => ({
    name: `modicum_${name}`,
    type,
    help,
    samples: all.flatMap(({ series, labels }) => samples(series, labels)),
  });
  const one =
    (value: (series: Series) => number | Series['duration']): Samples =>
    (series, labels) => [{ labels, value: value(series) }];
  return [
    family('calls', 'counter', 'Calls, by how they ended.', ({ outcomes }, labels) =>
      [...outcomes].map(([outcome, value]) => ({ labels: [...labels, ['outcome', outcome]], value })),
    ),
    family('tokens', 'counter', 'Tokens, by kinds that do not overlap.', ({ tokens }, labels) =>
      tokenKinds.filter((kind) => tokens[kind] > 0).map((kind) => ({ labels: [...labels, ['kind', kind]], value: tokens[kind] })),
    ),
    family(
      'cost_usd',
      'counter',
      'Cost in US dollars, of calls whose price is known.',
      one(({ costNanoUsd }) => costNanoUsd / 1e9),
    ),
    family(
      'unpriced_calls',
      'counter',
      'Calls whose cost is not known.',
      one(({ unpriced }) => unpriced),
    ),
    family(
      'saved_usd',
      'gauge',
      'What savings say they saved, in US dollars, net.',
      one(({ savedNanoUsd }) => savedNanoUsd / 1e9),
    ),
    family(
      'retries',
      'counter',
      'Attempts beyond the first one of a call.',
      one(({ retries }) => retries),
    ),
    family(
      'reply_cache_hits',
      'counter',
      'Calls answered with a kept reply.',
      one(({ replyCacheHits }) => replyCacheHits),
    ),
    family(
      'call_duration_seconds',
      'histogram',
      'From the arrival of a call to the end of its reply.',
      one(({ duration }) => duration),
    ),
    family(
      'first_byte_seconds',
      'histogram',
      'From the arrival of a call to the first byte of its reply.',
      one(({ firstByte }) => firstByte),
    ),
  ];
}

const plain = (name: string, type: Family['type'], help: string, value: number): Family => ({
  name: `modicum_${name}`,
  type,
  help,
  samples: [{ labels: [], value }],
});

function vitalFamilies(figures: CallFigures, delay: LoopDelay, { inFlight, ledger, budgets, spans, version }: Vitals): readonly Family[] {
  return [
    plain('in_flight', 'gauge', 'Requests under way.', inFlight),
    plain('overflown_labels', 'counter', 'Label values beyond the limits, counted under "other".', figures.overflown),
    plain('ledger_ok', 'gauge', '1 while the ledger takes every record.', ledger.ok ? 1 : 0),
    plain('ledger_records', 'counter', 'Records handed to the ledger.', ledger.appended),
    plain('ledger_dropped_records', 'counter', 'Records lost because the disk refused them for too long.', ledger.dropped),
    plain('ledger_queued_bytes', 'gauge', 'Records that wait for the disk.', ledger.queuedBytes),
    plain('ledger_journal_failures', 'counter', 'Failed writes of the journal, each tried again.', ledger.journalFailures),
    plain('ledger_ingest_failures', 'counter', 'Failed moves from the journal into the tables, each tried again.', ledger.ingestFailures),
    {
      name: 'modicum_budget_left',
      type: 'gauge',
      help: 'What is left of a budget, in its unit.',
      samples: budgets.map(({ budget, subject, unit, left }) => ({
        labels: [['budget', budget] as const, ['subject', subject] as const, ['unit', unit] as const],
        value: left,
      })),
    },
    {
      name: 'modicum_spans',
      type: 'counter',
      help: 'Spans exported and taken in, by what became of them.',
      samples: Object.entries(spans).map(([what, value]) => ({ labels: [['what', what] as const], value })),
    },
    {
      name: 'modicum_event_loop_delay_seconds',
      type: 'histogram',
      help: 'How late a timer was that fires each 10 ms.',
      samples: [{ labels: [], value: delay.histogram }],
    },
    plain('event_loop_delay_max_seconds', 'gauge', 'The longest such delay since the start.', delay.max()),
    { name: 'modicum_build_info', type: 'gauge', help: 'The version that runs.', samples: [{ labels: [['version', version]], value: 1 }] },
  ];
}
