import type { Attempt, CallRecord, Cost, LedgerEvent } from '../core/record.ts';
import type { Buckets, ServedTier, UsageReport } from '../core/usage.ts';

/**
 * One event as one line, without the newline. A call is two lists in JSON with a tab between: what reports fold (`encodeIndex`), then the
 * rest (`encodeDetail`). Lists, not objects with named keys, halve bytes and time; filling the tables needs to parse only the first; what
 * an attempt shares with its call is written once. Other events are plain objects.
 */
export const encodeLine = (event: LedgerEvent): string => encodeLists(event).join('\t');

/** The same in the pieces between tabs: to join them would copy every record once more. */
export const encodeLists = (event: LedgerEvent): readonly [string, string?] =>
  event.type === 'call' ? [JSON.stringify(encodeIndex(event)), JSON.stringify(encodeDetail(event))] : [JSON.stringify(event)];

/** The part of a call that becomes a row. */
export type CallIndex = Omit<CallRecord, 'attempts' | 'requestBytes' | 'replyBytes' | 'bodies'> & {
  readonly attemptCount: number;
  /** Of the last attempt. */
  readonly served?: Pick<ServedTier, 'serviceTier' | 'inferenceGeo'>;
};

/** Reads what a row needs: of a call the first list only. @throws {Error} as `decodeLine` does. */
export function decodeIndex(line: string): CallIndex | Exclude<LedgerEvent, CallRecord> {
  const tab = line.indexOf('\t');
  if (tab < 0) return JSON.parse(line) as Exclude<LedgerEvent, CallRecord>;
  return indexOf(JSON.parse(line.slice(0, tab)) as IndexList);
}

/** @throws {Error} when the line is no JSON, or a list of a version this program does not know. */
export function decodeLine(line: string): LedgerEvent {
  const index = decodeIndex(line);
  if (index.type !== 'call') return index;
  return callOf(index, JSON.parse(line.slice(line.indexOf('\t') + 1)) as FormerDetailList);
}

/** First element of a call's first list. A change that old readers cannot follow takes the next number; a new field goes at the end. */
const version = 1;
/** Stands for "the same as the call's". */
const same = 0;

const encodeFixed = (call: CallRecord) =>
  [
    version,
    call.id,
    call.at,
    call.api,
    call.operation,
    call.labels,
    call.key,
    call.requestModel,
    call.model,
    call.provider,
    call.hosting,
    call.stream,
    call.outcome,
    call.errorCode,
    call.status,
    call.finishReason,
    call.buckets,
    call.usageSource,
    call.flags,
    call.cost,
    call.attempts.length,
    call.parts,
    call.durationMs,
    call.timeToFirstByteMs,
    call.annotations,
    call.gatewayMs,
    call.extraCost,
  ] as const;

type ServedList = readonly [serviceTier?: string | undefined, inferenceGeo?: string | undefined];

function encodeIndex(call: CallRecord): readonly [...ReturnType<typeof encodeFixed>, ...ServedList] {
  const fixed = encodeFixed(call);
  const served = call.attempts.at(-1)?.served;
  if (served === undefined || (served.serviceTier === undefined && served.inferenceGeo === undefined)) return fixed;
  return [...fixed, served.serviceTier, served.inferenceGeo];
}

const encodeDetail = (call: CallRecord) =>
  [
    call.attempts.map((attempt) => encodeAttempt(attempt, call)),
    undefined, // `gatewayMs` once stood here; now in the first list
    call.requestBytes,
    call.replyBytes,
    call.bodies,
  ] as const;

const encodeAttempt = (attempt: Attempt, call: Shared) =>
  [
    attempt.provider === call.provider ? same : attempt.provider,
    attempt.hosting,
    attempt.requestModel,
    attempt.model === attempt.requestModel ? same : attempt.model,
    attempt.responseId,
    attempt.status,
    attempt.outcome,
    attempt.errorCode,
    attempt.finishReason,
    attempt.usage && encodeUsage(attempt.usage, call.buckets),
    attempt.served,
    alike(attempt.cost, call.cost) ? same : attempt.cost,
    attempt.at - call.at,
    attempt.timeToFirstByteMs,
    attempt.durationMs,
    attempt.hedge,
    attempt.upstreamApi && ([attempt.upstreamApi, attempt.dropped ?? []] as const),
  ] as const;

const encodeUsage = (usage: UsageReport, buckets: Buckets) =>
  [
    equalBuckets(usage.buckets, buckets) ? same : usage.buckets,
    usage.source,
    usage.flags,
    usage.raw,
    usage.others,
    usage.providerCost,
  ] as const;

function equalBuckets(left: Buckets, right: Buckets): boolean {
  if (left === right) return true;
  for (const name in left) if (left[name as keyof Buckets] !== right[name as keyof Buckets] || !(name in right)) return false;
  for (const name in right) if (!(name in left)) return false;
  return true;
}

const alike = (left: Cost, right: Cost): boolean =>
  left === right ||
  (left.total === right.total &&
    left.status === right.status &&
    left.priceVersion === right.priceVersion &&
    'priceVersion' in left === 'priceVersion' in right &&
    left.flags.length === right.flags.length &&
    left.flags.every((flag, index) => flag === right.flags[index]) &&
    equalBuckets(left.byBucket, right.byBucket));

type IndexList = ReturnType<typeof encodeIndex>;
type DetailList = ReturnType<typeof encodeDetail>;
/** Lines of former programs have two values here that stand in the first list today. */
type FormerDetailList = readonly [DetailList[0], number | undefined, ...DetailTail, extraCost?: CallRecord['extraCost']];
type DetailTail = readonly [requestBytes: number, replyBytes: number, bodies: CallRecord['bodies']];
type AttemptList = DetailList[0][number];
type UsageList = ReturnType<typeof encodeUsage>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What JSON made of `undefined` inside a list. */
const orUndefined = <T>(value: T): T | undefined => value ?? undefined;

function indexOf(list: IndexList): CallIndex {
  if (list[0] !== version) throw new Error(`a call record of version ${String(list[0])}; this program knows version 1`);
  const index: Mutable<CallIndex> = {
    type: 'call',
    id: list[1],
    at: list[2],
    api: list[3],
    operation: list[4],
    labels: list[5],
    requestModel: list[7],
    model: list[8],
    provider: list[9],
    hosting: orUndefined(list[10]),
    stream: list[11],
    outcome: list[12],
    status: list[14],
    buckets: list[16],
    flags: list[18],
    cost: list[19],
    attemptCount: list[20],
    durationMs: list[22],
  };
  if (list[6] != null) index.key = list[6];
  if (list[13] != null) index.errorCode = list[13];
  if (list[15] != null) index.finishReason = list[15];
  if (list[17] != null) index.usageSource = list[17];
  if (list[21] != null) index.parts = list[21];
  if (list[23] != null) index.timeToFirstByteMs = list[23];
  if (list[24] != null) index.annotations = list[24];
  if (list[25] != null) index.gatewayMs = list[25];
  if (list[26] != null) index.extraCost = list[26];
  if (list.length > 27)
    index.served = { ...(list[27] != null && { serviceTier: list[27] }), ...(list[28] != null && { inferenceGeo: list[28] }) };
  return index;
}

function callOf(
  { attemptCount: _count, served: _served, ...index }: CallIndex,
  [attempts, gatewayMs, requestBytes, replyBytes, bodies, extraCost]: FormerDetailList,
): CallRecord {
  return {
    ...index,
    attempts: attempts.map((attempt) => decodeAttempt(attempt, index)),
    requestBytes,
    replyBytes,
    ...(gatewayMs != null && { gatewayMs }),
    ...(bodies != null && { bodies }),
    ...(extraCost != null && { extraCost }),
  };
}

/** What an attempt may share with its call. */
type Shared = Pick<CallRecord, 'at' | 'provider' | 'buckets' | 'cost'>;

function decodeAttempt(list: AttemptList, call: Shared): Attempt {
  const [provider, hosting, requestModel, model, responseId, status, outcome, errorCode, finishReason, usage, served, cost, at] = list;
  return {
    provider: provider === same ? call.provider : provider,
    hosting,
    requestModel,
    model: model === same ? requestModel : orUndefined(model),
    responseId: orUndefined(responseId),
    status: orUndefined(status),
    outcome,
    ...(errorCode != null && { errorCode }),
    finishReason: orUndefined(finishReason),
    usage: usage == null ? undefined : decodeUsage(usage, call.buckets),
    served,
    cost: cost === same ? call.cost : cost,
    at: at + call.at,
    timeToFirstByteMs: orUndefined(list[13]),
    durationMs: list[14],
    ...(list[15] != null && { hedge: list[15] }),
    ...(list[16] != null && { upstreamApi: list[16][0], dropped: list[16][1] }),
  };
}

function decodeUsage([buckets, source, flags, raw, others, providerCost]: UsageList, callBuckets: Buckets): UsageReport {
  return {
    buckets: buckets === same ? callBuckets : buckets,
    source,
    flags,
    raw: orUndefined(raw),
    ...(others != null && { others }),
    ...(providerCost != null && { providerCost }),
  };
}
