import { promptParts, type CallRecord, type Feedback, type LedgerEvent } from '../../core/record.ts';
import { inputBuckets, type Bucket } from '../../core/usage.ts';
import { bucketStart } from '../calendar.ts';
import type { Group, SumsRequest, SumsSource } from '../engine.ts';
import { addToHistogram, bucketOf } from '../histogram.ts';
import type { Dimension, Filter } from '../query.ts';
import { partSum, sumsOf, type AdditiveSum } from '../sums.ts';

/** A call with the newest score that spoke of it. */
interface Scored {
  readonly call: CallRecord;
  score: number | undefined;
}

/** Sums made by walking over all records for each question: slow, and too simple to be wrong in the ways engines are. */
export function oracleSource(events: Iterable<LedgerEvent>): SumsSource {
  const calls = scoredCalls(events);
  return {
    groups: async (request) => groupsOf(calls, request),
    firstAt: async () => (calls.length === 0 ? undefined : calls.reduce((first, { call }) => Math.min(first, call.at), Infinity)),
    close: async () => {},
  };
}

function scoredCalls(events: Iterable<LedgerEvent>): readonly Scored[] {
  const calls: Scored[] = [];
  for (const event of events) {
    if (event.type === 'call') calls.push({ call: event, score: undefined });
    if (event.type === 'feedback') for (const one of calls) if (isAbout(event, one.call)) one.score = event.score;
  }
  return calls;
}

function isAbout({ about }: Feedback, { id, labels }: CallRecord): boolean {
  if ('call' in about) return about.call === id;
  return 'task' in about ? about.task === labels.task : about.session === labels.session;
}

interface Growing {
  readonly time: number | undefined;
  readonly keys: readonly (string | null)[];
  readonly sums: Map<string, bigint>;
  readonly histograms: { readonly latency: Map<number, number>; readonly firstByte: Map<number, number> };
  readonly seen: { readonly users: Set<string>; readonly tasks: Set<string>; readonly sessions: Set<string> };
}

function groupsOf(calls: readonly Scored[], { dimensions, filters, from, to, bucket, timeZone }: SumsRequest): Group[] {
  const groups = new Map<string, Growing>();
  const startOf = bucket && bucketStart(bucket, timeZone);
  const counting = filters.some(({ dimension }) => dimension === 'operation');
  for (const scored of calls) {
    const { call } = scored;
    if (call.at < from || call.at >= to || (call.operation === 'count_tokens' && !counting)) continue;
    if (!filters.every((filter) => passes(call, filter))) continue;
    for (const keys of combinations(dimensions.map((dimension) => valuesOf(call, dimension))))
      addTo(groupOf(groups, startOf?.(call.at), keys), scored);
  }
  return [...groups.values()].map(({ time, keys, sums, histograms, seen }) => {
    const distinct = Object.entries(seen).map(([name, values]) => [name, BigInt(values.size)] as const);
    return { time, keys, sums: sumsOf(new Map([...sums, ...distinct]), histograms) };
  });
}

function passes(call: CallRecord, { dimension, values, not = false }: Filter): boolean {
  return valuesOf(call, dimension).some((value) => values.includes(value)) !== not;
}

const combinations = (lists: readonly (readonly (string | null)[])[]): (string | null)[][] =>
  lists.reduce<(string | null)[][]>((made, list) => made.flatMap((front) => list.map((value) => [...front, value])), [[]]);

/** All values a call has for a dimension; "not set" is a value too. */
function valuesOf(call: CallRecord, dimension: Dimension): readonly (string | null)[] {
  const { labels, annotations } = call;
  const served = call.attempts.at(-1)?.served;
  if (dimension.startsWith('tag:')) return [labels.tags?.[dimension.slice(4)] ?? null];
  const named: Partial<Record<Dimension, string | null | undefined>> = {
    ...labels as object,
    key: call.key, api: call.api, operation: call.operation, model: call.model, requestModel: call.requestModel,
    provider: call.provider, hosting: call.hosting, outcome: call.outcome, errorCode: call.errorCode,
    finishReason: call.finishReason, usageSource: call.usageSource, priceStatus: call.cost.status, stream: String(call.stream),
    region: served?.inferenceGeo, tier: served?.serviceTier, language: annotations?.language, arm: annotations?.arm,
    route: annotations?.route, sensitivity: annotations?.sensitivity,
  }; // prettier-ignore
  if (dimension === 'signal') return annotations?.signals?.length ? annotations.signals : [null];
  return [named[dimension] ?? null];
}

function groupOf(groups: Map<string, Growing>, time: number | undefined, keys: readonly (string | null)[]): Growing {
  const identity = JSON.stringify([time, keys]);
  let group = groups.get(identity);
  if (!group) {
    group = {
      time,
      keys,
      sums: new Map(),
      histograms: { latency: new Map(), firstByte: new Map() },
      seen: { users: new Set(), tasks: new Set(), sessions: new Set() },
    };
    groups.set(identity, group);
  }
  return group;
}

function addTo({ sums, histograms, seen }: Growing, { call, score }: Scored): void {
  for (const [name, value] of Object.entries(addedBy(call, score))) sums.set(name, (sums.get(name) ?? 0n) + BigInt(value));
  addToHistogram(histograms.latency, bucketOf(us(call.durationMs)), 1);
  if (call.timeToFirstByteMs !== undefined) addToHistogram(histograms.firstByte, bucketOf(us(call.timeToFirstByteMs)), 1);
  if (call.labels.user !== undefined) seen.users.add(call.labels.user);
  if (call.labels.task !== undefined) seen.tasks.add(call.labels.task);
  if (call.labels.session !== undefined) seen.sessions.add(call.labels.session);
}

const us = (ms: number): number => Math.round(ms * 1000);

function folded(amounts: Readonly<Partial<Record<Bucket, number | null>>>, prefix: string): number {
  let sum = 0;
  for (const [bucket, amount] of Object.entries(amounts)) if (classOf(bucket as Bucket) === prefix) sum += amount ?? 0;
  return sum;
}

function classOf(bucket: Bucket): string {
  if (bucket.startsWith('cacheRead')) return 'cacheRead';
  if (bucket.startsWith('cacheWrite')) return 'cacheWrite';
  return (inputBuckets as readonly string[]).includes(bucket) ? 'input' : bucket.startsWith('output') ? 'output' : bucket;
}

/** What one call adds to each sum. */
function addedBy(call: CallRecord, score: number | undefined): Record<AdditiveSum, number> {
  const { buckets, labels } = call;
  const [input, read, write, output, reasoning] = ['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning'].map((name) => folded(buckets, name)) as [number, number, number, number, number]; // prettier-ignore
  const priced = call.cost.total !== null;
  const cost = call.cost.total ?? 0;
  const costs = priced ? call.cost.byBucket : {};
  const [inputCost, readCost, writeCost] = [folded(costs, 'input'), folded(costs, 'cacheRead'), folded(costs, 'cacheWrite')];
  const told = priced && (read + write === 0 || input > 0);
  const firstByteUs = call.timeToFirstByteMs === undefined ? undefined : us(call.timeToFirstByteMs);
  const generated = call.stream && firstByteUs !== undefined && firstByteUs < us(call.durationMs);
  const on = call.annotations?.savings?.filter(({ mode }) => mode === 'on') ?? [];
  const micro = score === undefined ? 0 : Math.round(score * 1e6);
  return {
    ...(Object.fromEntries(promptParts.map((part) => [partSum(part), call.parts?.[part] ?? 0])) as Record<
      `part.${(typeof promptParts)[number]}`,
      number
    >),
    calls: 1,
    failures: Number(call.outcome !== 'ok'),
    inputTokens: input,
    cacheReadTokens: read,
    cacheWriteTokens: write,
    outputTokens: output,
    reasoningTokens: reasoning,
    priced: Number(priced),
    cost,
    inputCost,
    cacheReadCost: readCost,
    cacheWriteCost: writeCost,
    outputCost: folded(costs, 'output'),
    reasoningCost: folded(costs, 'reasoning'),
    estimated: Number(call.usageSource === 'estimated' || call.usageSource === 'partial'),
    taskCost: labels.task === undefined ? 0 : cost,
    userCost: labels.user === undefined ? 0 : cost,
    sessionCost: labels.session === undefined ? 0 : cost,
    cacheSavedKnown: Number(told),
    cacheSaved: told && read + write > 0 ? Math.floor(((read + write) * inputCost) / input) - readCost - writeCost : 0,
    attempts: call.attempts.length,
    extraCost: (call.extraCost?.retries ?? 0) + (call.extraCost?.hedges ?? 0),
    durationUs: us(call.durationMs),
    gatewayKnown: Number(call.gatewayMs !== undefined),
    gatewayUs: us(call.gatewayMs ?? 0),
    generatedTokens: generated ? output + reasoning : 0,
    generationUs: generated ? us(call.durationMs) - firstByteUs : 0,
    savedCost: on.reduce((sum, saving) => sum + (saving.cost ?? 0), 0),
    savedTokens: on.reduce((sum, saving) => sum + saving.inputTokens + saving.outputTokens, 0),
    scored: Number(score !== undefined),
    scoreMicro: micro,
    pricedScoreMicro: priced ? micro : 0,
    scoredCost: score === undefined ? 0 : cost,
    scoredTokens: score === undefined ? 0 : input + read + write + output + reasoning,
  };
}
