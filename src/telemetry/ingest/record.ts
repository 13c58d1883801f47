import { stableId } from '../../core/id.ts';
import type { Attempt, CallRecord, Cost, Labels, Outcome } from '../../core/record.ts';
import type { FinishReason } from '../../core/reply.ts';
import { clipped, toMicroseconds } from '../../core/tame.ts';
import type { Bucket, Buckets, ServedTier, UsageReport } from '../../core/usage.ts';
import { ingestedFlag } from '../call-spans.ts';
import { catalogProvider } from '../names.ts';
import { asCount, bucketAttributes, countOf, textOf, valueOf } from './aliases.ts';
import type { InboundAttributes, InboundSpan } from './inbound.ts';
import type { modelCallOf } from './model-call.ts';

/** Totals as a span tells them; `undefined`: not said. */
export interface SpanTotals {
  readonly prompt: number | undefined;
  readonly completion: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly reasoning: number | undefined;
  readonly audio: number | undefined;
  readonly outputAudio: number | undefined;
}

/** What `recordOfSpan` asks others for. */
export interface SpanBooks {
  /** Cuts totals that include cached input and reasoning into buckets that do not overlap. */
  readonly split: (totals: SpanTotals, flags: Set<string>) => Buckets;
  /** Never throws; an unknown price is a cost of null. */
  readonly price: (asked: {
    provider: string;
    requestModel: string;
    model: string;
    usage: UsageReport;
    served: ServedTier;
    at: number;
  }) => Cost;
  /** Labels under the key that the request came with. */
  readonly labelled: (labels: Labels) => Labels;
  readonly key: string | undefined;
}

type Spoken = NonNullable<ReturnType<typeof modelCallOf>>;

/** Always the same id for the same span: sent again, it is in the ledger once. */
export const idOfSpan = ({ traceId, spanId }: Pick<InboundSpan, 'traceId' | 'spanId'>): string => stableId('otlp', traceId, spanId);

/** The record of a model call that did not pass the gateway, as its span tells it. */
export function recordOfSpan(span: InboundSpan, operation: Spoken, books: SpanBooks): CallRecord {
  const attempt = attemptOf(span, books);
  const { usage, cost } = attempt;
  return {
    type: 'call',
    id: idOfSpan(span),
    at: attempt.at,
    api: 'passthrough', // which API it was, a span does not tell
    operation,
    labels: books.labelled(labelsOf(span)),
    key: books.key,
    requestModel: attempt.requestModel,
    model: attempt.model ?? attempt.requestModel,
    provider: attempt.provider,
    hosting: attempt.hosting,
    stream: valueOf(span.attributes, 'stream') === true || attempt.timeToFirstByteMs !== undefined,
    outcome: attempt.outcome,
    ...(attempt.errorCode && { errorCode: attempt.errorCode }),
    status: attempt.status!,
    finishReason: attempt.finishReason,
    buckets: usage!.buckets,
    usageSource: usage!.source,
    flags: [ingestedFlag, ...usage!.flags, ...cost.flags],
    cost,
    attempts: [attempt],
    durationMs: attempt.durationMs,
    timeToFirstByteMs: attempt.timeToFirstByteMs,
    requestBytes: 0,
    replyBytes: 0,
  };
}

function attemptOf({ attributes, startMs, endMs, isError }: InboundSpan, { split, price }: SpanBooks): Attempt {
  const requested = textOf(attributes, 'requestModel') ?? textOf(attributes, 'responseModel') ?? '';
  const requestModel = clipped(requested);
  const told = textOf(attributes, 'responseModel');
  const model = told === undefined ? undefined : clipped(told);
  const provider = clipped(catalogProvider(textOf(attributes, 'provider') ?? ''));
  const tier = textOf(attributes, 'serviceTier');
  const served: ServedTier = tier === undefined ? {} : { serviceTier: clipped(tier) };
  const at = Math.floor(startMs);
  const outcome = outcomeOf(attributes, isError);
  const usage = usageOf(attributes, outcome, split);
  return {
    provider,
    hosting: 'api',
    requestModel,
    model,
    responseId: textOf(attributes, 'responseId'),
    status: countOf(attributes, 'httpStatus') ?? (outcome === 'ok' ? 200 : 502),
    outcome,
    ...(outcome === 'failed' && { errorCode: 'provider_error' }),
    finishReason: finishOf(textOf(attributes, 'finishReason')),
    usage,
    served,
    cost: price({ provider, requestModel, model: model ?? requestModel, usage, served, at }),
    at,
    timeToFirstByteMs: firstByteMs(attributes),
    durationMs: toMicroseconds(Math.max(0, endMs - startMs)),
  };
}

/** A failed call that tells no usage used nothing that anybody knows of; one that went well used something, and it is not known what. */
function usageOf(attributes: InboundAttributes, outcome: Outcome, split: SpanBooks['split']): UsageReport {
  const flags = new Set<string>();
  const own = ownBuckets(attributes);
  const totals = totalsOf(attributes);
  const hasCounts = totals.prompt !== undefined || totals.completion !== undefined;
  const missing: Buckets = outcome === 'failed' ? {} : { input: null, output: null };
  const buckets = own ?? (hasCounts ? split(totals, flags) : missing);
  if (!own && !hasCounts && outcome !== 'failed') flags.add('usage_missing');
  return { buckets, source: 'provider', flags: [...flags], raw: undefined, ...reportedCost(attributes) };
}

/** As another gateway of ours wrote them. */
function ownBuckets(attributes: InboundAttributes): Buckets | undefined {
  const found = bucketAttributes.flatMap(({ bucket, key }): [Bucket, number][] => {
    const count = asCount(attributes.get(key));
    return count === undefined ? [] : [[bucket, count]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

const totalsOf = (attributes: InboundAttributes): SpanTotals => ({
  prompt: countOf(attributes, 'inputTokens'),
  completion:
    countOf(attributes, 'outputTokens') ?? (countOf(attributes, 'inputTokens') === undefined ? undefined : outputLeftOut(attributes)),
  cacheRead: countOf(attributes, 'cacheRead'),
  cacheWrite: countOf(attributes, 'cacheWrite'),
  reasoning: countOf(attributes, 'reasoning'),
  audio: countOf(attributes, 'inputAudio'),
  outputAudio: countOf(attributes, 'outputAudio'),
});

/** Embeddings have no output, and say nothing of it. */
const outputLeftOut = (attributes: InboundAttributes): number | undefined => {
  const kind = textOf(attributes, 'operation') ?? textOf(attributes, 'openinferenceKind') ?? textOf(attributes, 'vercelOperation') ?? '';
  return /embed/i.test(kind) ? 0 : undefined;
};

/** What the sender says it cost; kept beside our own. */
function reportedCost(attributes: InboundAttributes): Pick<UsageReport, 'providerCost'> | undefined {
  const cost = valueOf(attributes, 'cost');
  const currency = textOf(attributes, 'currency') ?? 'USD';
  if (typeof cost !== 'number' || !Number.isFinite(cost) || cost < 0 || currency !== 'USD') return undefined;
  return { providerCost: { amount: cost.toFixed(12).replace(/\.?0+$/, ''), unit: 'usd' } };
}

function outcomeOf(attributes: InboundAttributes, isError: boolean): Outcome {
  const told = textOf(attributes, 'outcome');
  if (told === 'truncated' || told === 'aborted') return told;
  return isError || valueOf(attributes, 'errorType') !== undefined ? 'failed' : 'ok';
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  tool_call: 'tool_calls',
  'tool-calls': 'tool_calls',
  content_filter: 'content_filter',
  'content-filter': 'content_filter',
  safety: 'content_filter',
  refusal: 'refusal',
  pause: 'pause',
  pause_turn: 'pause',
};

const finishOf = (told: string | undefined): FinishReason | undefined =>
  told === undefined ? undefined : (finishReasons[told.toLowerCase()] ?? 'other');

function firstByteMs(attributes: InboundAttributes): number | undefined {
  const seconds = valueOf(attributes, 'firstChunkSeconds');
  const ms = typeof seconds === 'number' ? seconds * 1000 : valueOf(attributes, 'firstChunkMs');
  return typeof ms === 'number' && ms >= 0 ? toMicroseconds(ms) : undefined;
}

/** The service that sent it is the app. */
function labelsOf({ attributes, resource }: InboundSpan): Labels {
  const label = (value: string | undefined) => (value === undefined ? undefined : value.slice(0, maxLabelLength));
  return {
    app: label(textOf(attributes, 'app') ?? textOf(resource, 'serviceName')),
    feature: label(textOf(attributes, 'feature')),
    user: label(textOf(attributes, 'user')),
    team: label(textOf(attributes, 'team')),
    session: label(textOf(attributes, 'session')),
    task: label(textOf(attributes, 'task')),
    client: ingestedFlag,
  };
}

/** Characters kept of a label, as of one that comes by header. */
const maxLabelLength = 200;
