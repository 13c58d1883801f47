import { usdText } from '../catalog/decimal.ts';
import type { Saving } from '../core/record.ts';
import type { Interval } from './compare.ts';
import { effectOf, type Effect } from './effect.ts';
import { SessionSample, type MeasuredCall } from './session.ts';

export const savingReportKeys = ['stage', 'app'] as const;
export type SavingReportKey = (typeof savingReportKeys)[number];

/** Money as exact decimal USD. */
export interface UsdInterval {
  readonly value: string;
  readonly low: string;
  readonly high: string;
}

/** What savings said of themselves, summed. Below 0 they lost. */
export interface Claimed {
  readonly entries: number;
  readonly usd: string;
  /** Entries whose money is unknown; not in `usd`. */
  readonly unknown: number;
  /** Entries that are estimates. */
  readonly estimated: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface EffectView extends Omit<Effect, 'costPerSession' | 'difference'> {
  readonly costPerSessionUsd: { readonly treated: string | null; readonly controls: string | null };
  readonly differenceUsd: UsdInterval | null;
}

export interface SavingRow {
  /** Name of the saving, or of the app; `null`: calls without an app. */
  readonly name: string | null;
  readonly claimed: Claimed;
  /** What it would have done, where it only observed. */
  readonly observed: Claimed;
  readonly effect: EffectView;
}

export interface SavingsReport {
  /** ISO times; `null`: without a bound. */
  readonly since: string | null;
  readonly until: string | null;
  readonly by: SavingReportKey;
  readonly calls: number;
  /** Calls of the sample whose cost is unknown: no mean holds them. */
  readonly unpricedCalls: number;
  /** Share of sessions the effects are taken from: below 1 where there were more than fit into memory. */
  readonly sampled: number;
  /** All savings together, against sessions held out of all. */
  readonly total: EffectView;
  readonly rows: readonly SavingRow[];
}

export interface SavingsReportRequest {
  readonly by: SavingReportKey;
  /** Epoch ms. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export type ReportedCall = MeasuredCall & { readonly labels: { readonly app?: string | undefined } };

/** Sessions kept of all calls, and of one app. */
export const maxReportSessions = 100_000;
const maxAppSessions = 20_000;
/** Apps told apart; further ones count only in the total. */
export const maxReportApps = 100;

interface Group {
  readonly claimed: Sum;
  readonly observed: Sum;
  readonly sample: SessionSample | undefined;
}

/** Folds calls into claims and effects, in bounded memory. The same calls give the same figures, intervals too. */
export function savingsReport(calls: Iterable<ReportedCall>, { by, since, until }: SavingsReportRequest): SavingsReport {
  const sample = new SessionSample({ maxSessions: maxReportSessions });
  const groups = new Map<string | null, Group>();
  let count = 0;
  for (const call of calls) {
    count += 1;
    sample.add(call);
    if (by === 'stage') addByStage(groups, call);
    else addByApp(groups, call);
  }
  const sessions = sample.all();
  const effect = (name: string | null, group: Group): Effect =>
    group.sample ? effectOf(group.sample.all()) : effectOf(sessions, name ?? undefined);
  return {
    since: isoOf(since),
    until: isoOf(until),
    by,
    calls: count,
    unpricedCalls: sample.unpricedCalls,
    sampled: sample.share,
    total: viewOf(effectOf(sessions)),
    rows: [...groups]
      .sort(([left], [right]) => String(left).localeCompare(String(right), 'en'))
      .map(([name, group]) => ({
        name,
        claimed: claimedBy(group.claimed),
        observed: claimedBy(group.observed),
        effect: viewOf(effect(name, group)),
      })),
  };
}

const isoOf = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

function groupOf(groups: Map<string | null, Group>, name: string | null, sample?: () => SessionSample): Group {
  const group = groups.get(name) ?? { claimed: newSum(), observed: newSum(), sample: sample?.() };
  groups.set(name, group);
  return group;
}

/** A saving has a row when it said something or was drawn. */
function addByStage(groups: Map<string | null, Group>, { annotations }: ReportedCall): void {
  for (const stage of annotations?.treated ?? []) groupOf(groups, stage);
  for (const stage of annotations?.held ?? []) groupOf(groups, stage);
  for (const saving of annotations?.savings ?? []) addSaving(groupOf(groups, saving.stage), saving);
}

function addByApp(groups: Map<string | null, Group>, call: ReportedCall): void {
  const name = call.labels.app ?? null;
  if (!call.annotations || (!groups.has(name) && groups.size >= maxReportApps)) return;
  const group = groupOf(groups, name, () => new SessionSample({ maxSessions: maxAppSessions }));
  group.sample?.add(call);
  for (const saving of call.annotations.savings ?? []) addSaving(group, saving);
}

interface Sum {
  entries: number;
  cost: bigint;
  unknown: number;
  estimated: number;
  inputTokens: number;
  outputTokens: number;
}

const newSum = (): Sum => ({ entries: 0, cost: 0n, unknown: 0, estimated: 0, inputTokens: 0, outputTokens: 0 });

function addSaving(group: Group, { mode, cost, basis, inputTokens, outputTokens }: Saving): void {
  const sum = mode === 'on' ? group.claimed : group.observed;
  sum.entries += 1;
  if (cost === null) sum.unknown += 1;
  else sum.cost += BigInt(cost);
  if (basis === 'estimated') sum.estimated += 1;
  sum.inputTokens += inputTokens;
  sum.outputTokens += outputTokens;
}

const claimedBy = ({ cost, ...counts }: Sum): Claimed => ({ ...counts, usd: usdOf(Number(cost)) });

function viewOf({ costPerSession: { treated, controls }, difference, ...effect }: Effect): EffectView {
  return {
    ...effect,
    costPerSessionUsd: { treated: treated === null ? null : usdOf(treated), controls: controls === null ? null : usdOf(controls) },
    differenceUsd: difference && usdInterval(difference),
  };
}

const usdInterval = ({ value, low, high }: Interval): UsdInterval => ({ value: usdOf(value), low: usdOf(low), high: usdOf(high) });

/** Nano-USD, rounded to whole ones, as decimal USD. */
function usdOf(nano: number): string {
  const whole = Math.round(nano);
  return `${whole < 0 ? '-' : ''}${usdText(Math.abs(whole), 9)}`;
}
