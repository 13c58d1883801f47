import type { Attempt, CallRecord } from '../core/record.ts';
import { totalInput, totalOutput, type Bucket, type Buckets } from '../core/usage.ts';
import { conventionalProvider, requestIdAttribute, speaksCurrent, speaksPrevious, usageAttribute, type Semconv } from './names.ts';
import { Double, spanKinds, type Attributes, type Span, type SpanEvent, type Value } from './otlp/model.ts';
import { ownTraceId, parseTraceparent, spanIdOf, type TraceParent } from './trace-context.ts';

/** Of records that came by telemetry: they are not exported again. */
export const ingestedFlag = 'otlp'; // the flag, as reports know it

/** The caller's trace, or one of the call's own. */
export const traceOf = (record: Pick<CallRecord, 'annotations'>): TraceParent | undefined => parseTraceparent(record.annotations?.trace);

/**
 * The spans of one call: `gateway request`, and one of kind client for each attempt. Usage and cost stand on the attempts only, so that
 * sums over spans are not doubled.
 */
export function callSpans(record: CallRecord, semconv: Semconv, parent: TraceParent | undefined = traceOf(record)): readonly Span[] {
  const traceId = parent?.traceId ?? ownTraceId(record.id);
  const whole: Span = {
    traceId,
    spanId: spanIdOf(record.id),
    parentId: parent?.parentId,
    name: 'gateway request',
    kind: spanKinds.server,
    startMs: record.at,
    endMs: record.at + record.durationMs,
    attributes: callAttributes(record),
    events: eventsOf(record),
    error: errorOf(record),
  };
  return [whole, ...record.attempts.map((attempt, index) => attemptSpan(record, attempt, { index, traceId, whole, semconv }))];
}

/** A refusal is an answer, not a defect: it is told by the outcome. */
const errorOf = ({ outcome, errorCode }: Pick<Attempt, 'outcome' | 'errorCode'>): string | undefined =>
  outcome === 'failed' || outcome === 'truncated' ? (errorCode ?? outcome) : undefined;

type Draft = [key: string, value: Value][];

function put(draft: Draft, key: string, value: Value | null | undefined): void {
  if (value !== undefined && value !== null && value !== '') draft.push([key, value]);
}

function callAttributes(record: CallRecord): Attributes {
  const { labels, annotations, cost } = record;
  const draft: Draft = [
    [requestIdAttribute, record.id],
    ['modicum.outcome', record.outcome],
    ['http.response.status_code', record.status],
    ['modicum.attempts', record.attempts.length],
  ];
  put(draft, 'modicum.api', record.api);
  put(draft, 'modicum.request.model', record.requestModel);
  put(draft, 'modicum.cost.nano_usd', cost.total);
  put(draft, 'modicum.gateway_ms', record.gatewayMs === undefined ? undefined : new Double(record.gatewayMs));
  putLabels(draft, record);
  put(draft, 'modicum.feature', labels.feature);
  put(draft, 'modicum.task', labels.task);
  put(draft, 'modicum.key', record.key);
  put(draft, 'error.type', record.errorCode);
  if (record.usageSource === 'cache') draft.push(['modicum.cache.hit', true]);
  if (annotations) {
    put(draft, 'modicum.route', annotations.route);
    put(draft, 'modicum.arm', annotations.arm);
    put(draft, 'modicum.sensitivity', annotations.sensitivity);
    if (annotations.signals?.length) draft.push(['modicum.signals', annotations.signals]);
  }
  return draft;
}

function putLabels(draft: Draft, { labels }: CallRecord): void {
  put(draft, 'modicum.app', labels.app);
  put(draft, 'modicum.team', labels.team);
  put(draft, 'user.id', labels.user);
  put(draft, 'session.id', labels.session);
  put(draft, 'gen_ai.conversation.id', labels.session);
}

/** What savings did to the call, one event each. */
function eventsOf({ annotations, at, durationMs }: CallRecord): readonly SpanEvent[] {
  return (annotations?.savings ?? []).map((saving) => {
    const attributes: Draft = [
      ['modicum.saving.stage', saving.stage],
      ['modicum.saving.mode', saving.mode],
      ['modicum.saving.basis', saving.basis],
      ['modicum.saving.input_tokens', saving.inputTokens],
      ['modicum.saving.output_tokens', saving.outputTokens],
    ];
    put(attributes, 'modicum.saved.nano_usd', saving.cost);
    return { name: 'modicum.saving', atMs: at + durationMs, attributes };
  });
}

interface Around {
  readonly index: number;
  readonly traceId: string;
  readonly whole: Span;
  readonly semconv: Semconv;
}

function attemptSpan(record: CallRecord, attempt: Attempt, { index, traceId, whole, semconv }: Around): Span {
  const operation = record.operation === 'passthrough' || record.operation === 'count_tokens' ? undefined : record.operation;
  return {
    traceId,
    spanId: spanIdOf(record.id, index + 1),
    parentId: whole.spanId,
    name: `${operation ?? record.operation} ${attempt.requestModel}`,
    kind: spanKinds.client,
    startMs: attempt.at,
    endMs: attempt.at + attempt.durationMs,
    attributes: attemptAttributes(record, attempt, operation, index, semconv),
    events: [],
    error: errorOf(attempt),
  };
}

function attemptAttributes(
  record: CallRecord,
  attempt: Attempt,
  operation: string | undefined,
  index: number,
  semconv: Semconv,
): Attributes {
  const provider = conventionalProvider(attempt.provider);
  const draft: Draft = [['gen_ai.provider.name', provider]];
  put(draft, 'gen_ai.operation.name', operation);
  if (speaksPrevious(semconv)) draft.push(['gen_ai.system', provider]);
  put(draft, 'gen_ai.request.model', attempt.requestModel);
  put(draft, 'gen_ai.response.model', attempt.model);
  put(draft, 'gen_ai.response.id', attempt.responseId);
  if (attempt.finishReason) draft.push(['gen_ai.response.finish_reasons', [attempt.finishReason]]);
  if (record.stream) draft.push(['gen_ai.request.stream', true]);
  if (attempt.timeToFirstByteMs !== undefined && record.stream)
    draft.push(['gen_ai.response.time_to_first_chunk', new Double(attempt.timeToFirstByteMs / 1000)]);
  if (attempt.usage) putUsage(draft, attempt, semconv);
  putCost(draft, attempt);
  putLabels(draft, record);
  put(draft, 'error.type', attempt.errorCode);
  put(draft, 'http.response.status_code', attempt.status);
  put(draft, 'modicum.service_tier.served', attempt.served.serviceTier);
  put(draft, 'modicum.hedge', attempt.hedge);
  draft.push([requestIdAttribute, record.id], ['modicum.attempt', index + 1], ['modicum.outcome', attempt.outcome]);
  return draft;
}

const readBuckets = ['cacheRead', 'cacheReadAudio', 'cacheReadImage', 'cacheReadVideo'] as const satisfies readonly Bucket[];
const writeBuckets = ['cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'] as const satisfies readonly Bucket[];

/** 0 where none of them is there; unknown ones are left out of the sum. */
function sumOf(buckets: Buckets, names: readonly Bucket[]): number {
  let sum = 0;
  for (const name of names) sum += buckets[name] ?? 0;
  return sum;
}

/** The conventions' totals include what was cached, and reasoning; our buckets stand beside them, exactly. */
function putUsage(draft: Draft, { usage }: Attempt, semconv: Semconv): void {
  const { buckets, source, flags } = usage!;
  put(draft, 'gen_ai.usage.input_tokens', totalInput(buckets));
  put(draft, 'gen_ai.usage.output_tokens', totalOutput(buckets));
  const read = sumOf(buckets, readBuckets);
  const written = sumOf(buckets, writeBuckets);
  if (read > 0) draft.push(['gen_ai.usage.cache_read.input_tokens', read]);
  if (written > 0 && speaksPrevious(semconv)) draft.push(['gen_ai.usage.cache_creation.input_tokens', written]);
  if (written > 0 && speaksCurrent(semconv)) draft.push(['gen_ai.usage.cache_write.input_tokens', written]);
  if (buckets.reasoning) draft.push(['gen_ai.usage.reasoning.output_tokens', buckets.reasoning]);
  for (const bucket in buckets) put(draft, usageAttribute(bucket), buckets[bucket as Bucket]);
  draft.push(['modicum.usage.source', source]);
  if (flags.length > 0) draft.push(['modicum.usage.flags', flags]);
}

/** Left out, never 0, when the price is not known. */
function putCost(draft: Draft, { cost }: Attempt): void {
  if (cost.total === null || cost.status === 'none') return;
  const usd = new Double(cost.total / 1e9);
  draft.push(['gen_ai.usage.cost.amount', usd], ['gen_ai.usage.cost.currency', 'USD'], ['gen_ai.usage.cost.source', 'local']);
  draft.push(['gen_ai.usage.cost', usd], ['modicum.cost.nano_usd', cost.total]);
  put(draft, 'modicum.cost.price_version', cost.priceVersion);
}
