import type { Effort } from '../core/canonical/reasoning.ts';
import type { Attempt, CallRecord } from '../core/record.ts';
import type { FinishReason } from '../core/reply.ts';

/** Share of useful answers that a suggested limit lets through whole. */
export const keptShare = 0.995;
/** Fewer useful answers say nothing about so rare a length: of 200, one is longer. */
export const minUseful = 200;
/** Suggested limits are multiples of this. */
const roundTo = 16;

/** What an answer was for, as its shape tells. */
export const taskClasses = ['tools', 'short', 'medium', 'long'] as const;
export type TaskClass = (typeof taskClasses)[number];
/** Tokens of an answer, without reasoning, up to which it is short, and from which it is long. */
const shortTokens = 200;
const longTokens = 800;

export interface SuggestedLimits {
  readonly app: string | null;
  readonly feature: string | null;
  readonly model: string;
  readonly calls: number;
  /** Answers that ended by themselves or in tool calls, and whose length is known. */
  readonly useful: number;
  /** Answers that a limit cut. */
  readonly cut: number;
  /** The class of most of its answers. */
  readonly taskClass: TaskClass | null;
  /** `null`: too few useful answers. */
  readonly maxOutputTokens: OutputSuggestion | null;
  /** `null`: too few, or no reasoning. */
  readonly effort: EffortSuggestion | null;
}

export interface OutputSuggestion {
  readonly limit: number;
  /** The length that `keptShare` of the useful answers do not pass, before it is rounded up. */
  readonly percentileTokens: number;
  /** Useful answers that the limit would have cut. */
  readonly wouldCut: number;
  /** Output tokens beyond the limit, of all answers. */
  readonly sparedTokens: number;
  /** What those cost, nano-USD; calls of unknown cost are left out. */
  readonly sparedNanoUsd: number;
  /** What the output of all answers cost. */
  readonly outputNanoUsd: number;
}

export interface EffortSuggestion {
  readonly effort: Effort;
  readonly reasoningTokens: { readonly median: number; readonly p95: number };
  readonly answerTokens: { readonly median: number };
  /** One sentence with the figures. */
  readonly why: string;
}

/** Tokens each effort stands for, from least to most. */
export type EffortTokens = Readonly<Record<Effort, number>>;

/** Limits that fit what was useful so far, by app, feature and model; those with the most calls first. Nothing of it is applied by itself. */
export function suggestLimits(records: Iterable<CallRecord>, scale: EffortTokens): readonly SuggestedLimits[] {
  const suggester = createLimitSuggester(scale);
  for (const record of records) suggester.see(record);
  return suggester.result();
}

export interface LimitSuggester {
  readonly see: (record: CallRecord) => void;
  /** Those with the most calls first. */
  readonly result: () => readonly SuggestedLimits[];
}

/** The same for who sees records one by one. */
export function createLimitSuggester(scale: EffortTokens): LimitSuggester {
  const groups = new Map<string, Group>();
  return {
    see: (record) => add(groups, record),
    result: () => [...groups.values()].toSorted((one, other) => other.calls - one.calls).map((group) => suggestion(group, scale)),
  };
}

/** How often each number of tokens occurred. */
type Histogram = Map<number, number>;

interface Group {
  readonly app: string | null;
  readonly feature: string | null;
  readonly model: string;
  calls: number;
  cut: number;
  readonly useful: Histogram;
  readonly answers: Histogram;
  readonly reasoning: Histogram;
  readonly classes: Record<TaskClass, number>;
  /** Of all answers: length, and nano-USD of its output; added up by length. */
  readonly costs: Map<number, { answers: number; nanoUsd: number }>;
}

const usefulEnds: ReadonlySet<FinishReason | undefined> = new Set(['stop', 'tool_calls']);

function add(groups: Map<string, Group>, record: CallRecord): void {
  const attempt = record.attempts.at(-1);
  if (!attempt || (record.operation !== 'chat' && record.operation !== 'generate_content')) return;
  const group = groupOf(groups, record);
  group.calls += 1;
  const output = attempt.usage?.buckets.output;
  const reasoning = attempt.usage?.buckets.reasoning ?? 0;
  if (attempt.finishReason === 'length') group.cut += 1;
  if (output === undefined || output === null || attempt.usage?.source !== 'provider') return;
  addCost(group, attempt, output + reasoning);
  if (record.outcome !== 'ok' || !usefulEnds.has(attempt.finishReason)) return;
  count(group.useful, output + reasoning);
  count(group.answers, output);
  count(group.reasoning, reasoning);
  group.classes[classOf(attempt.finishReason, output)] += 1;
}

function groupOf(groups: Map<string, Group>, { labels, model }: CallRecord): Group {
  const { app, feature } = { app: labels.app ?? null, feature: labels.feature ?? null };
  const key = JSON.stringify([app, feature, model]);
  const known = groups.get(key);
  if (known) return known;
  const made: Group = {
    app,
    feature,
    model,
    calls: 0,
    cut: 0,
    useful: new Map(),
    answers: new Map(),
    reasoning: new Map(),
    classes: { tools: 0, short: 0, medium: 0, long: 0 },
    costs: new Map(),
  };
  groups.set(key, made);
  return made;
}

const count = (histogram: Histogram, tokens: number): void => void histogram.set(tokens, (histogram.get(tokens) ?? 0) + 1);

function addCost({ costs }: Group, { cost: { byBucket } }: Attempt, tokens: number): void {
  const sum = costs.get(tokens) ?? { answers: 0, nanoUsd: 0 };
  sum.answers += 1;
  sum.nanoUsd += (byBucket.output ?? 0) + (byBucket.reasoning ?? 0);
  costs.set(tokens, sum);
}

function classOf(finish: FinishReason | undefined, output: number): TaskClass {
  if (finish === 'tool_calls') return 'tools';
  return output <= shortTokens ? 'short' : output < longTokens ? 'medium' : 'long';
}

function suggestion(group: Group, scale: EffortTokens): SuggestedLimits {
  const { app, feature, model, calls, cut, classes } = group;
  const useful = totalOf(group.useful);
  const taskClass = useful === 0 ? null : taskClasses.reduce((most, one) => (classes[one] > classes[most] ? one : most));
  const isEnough = useful >= minUseful;
  return {
    app,
    feature,
    model,
    calls,
    useful,
    cut,
    taskClass,
    maxOutputTokens: isEnough ? outputSuggestion(group) : null,
    effort: isEnough ? effortSuggestion(group, taskClass!, scale) : null,
  };
}

const totalOf = (histogram: Histogram): number => [...histogram.values()].reduce((sum, times) => sum + times, 0);

/** The value at a share of the way up, by nearest rank. */
export function percentileOf(histogram: ReadonlyMap<number, number>, share: number): number {
  const sorted = [...histogram].toSorted(([one], [other]) => one - other);
  const rank = Math.ceil(share * sorted.reduce((sum, [, times]) => sum + times, 0));
  let seen = 0;
  return sorted.find(([, times]) => (seen += times) >= rank)?.[0] ?? 0;
}

function outputSuggestion({ useful, costs }: Group): OutputSuggestion {
  const percentileTokens = percentileOf(useful, keptShare);
  const limit = Math.max(roundTo, Math.ceil(percentileTokens / roundTo) * roundTo);
  let [wouldCut, sparedTokens, sparedNanoUsd, outputNanoUsd] = [0, 0, 0, 0];
  for (const [tokens, times] of useful) if (tokens > limit) wouldCut += times;
  for (const [tokens, { answers, nanoUsd }] of costs) {
    outputNanoUsd += nanoUsd;
    if (tokens <= limit) continue;
    sparedTokens += answers * (tokens - limit);
    sparedNanoUsd += (nanoUsd * (tokens - limit)) / tokens;
  }
  return { limit, percentileTokens, wouldCut, sparedTokens, sparedNanoUsd: Math.round(sparedNanoUsd), outputNanoUsd };
}

/** Short answers that took this many times their length in thought may do with less. */
const muchThought = 4;

/** The least effort whose tokens hold what 95 % of the useful answers thought; a step less where short answers took much thought. */
function effortSuggestion({ reasoning, answers }: Group, taskClass: TaskClass, scale: EffortTokens): EffortSuggestion | null {
  const p95 = percentileOf(reasoning, 0.95);
  if (p95 === 0) return null;
  const [median, answer] = [percentileOf(reasoning, 0.5), percentileOf(answers, 0.5)];
  const words = (Object.keys(scale) as Effort[]).filter((word) => word !== 'none').toSorted((one, other) => scale[one] - scale[other]);
  const fitting = Math.max(
    0,
    words.findIndex((word) => scale[word] >= p95),
  );
  const holds = scale[words.at(-1)!] < p95 ? words.length - 1 : fitting;
  const isMuch = taskClass === 'short' && median > muchThought * answer && holds > 0;
  const effort = words[isMuch ? holds - 1 : holds]!;
  const base = `95 % of the useful answers thought ${p95} tokens or fewer, which ${words[holds]} (${scale[words[holds]!]}) holds`;
  const why = isMuch ? `${base}; short answers of ${answer} took ${median} in thought, so that ${effort} is worth a trial` : base;
  return { effort, reasoningTokens: { median, p95 }, answerTokens: { median: answer }, why };
}
