import { apis, type ApiId } from '../../core/api.ts';
import { stableId } from '../../core/id.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { Attempt, CallRecord, Cost } from '../../core/record.ts';
import type { ReplyFacts, ServedBy } from '../../core/reply.ts';
import type { ServedTier, UsageReport } from '../../core/usage.ts';
import type { BatchResult } from '../../protocols/batches/results.ts';
import type { Dialect } from '../../protocols/dialect.ts';
import { replyMeter } from '../../protocols/meter.ts';

export interface PricedResult {
  readonly servedBy: ServedBy;
  readonly model: string;
  readonly usage: UsageReport;
  readonly served: ServedTier;
  readonly at: number;
}

/** Where results come from, and who reads them. */
export interface ResultsSource {
  readonly servedBy: ServedBy;
  readonly dialect: Dialect;
  /** Id of the batch, or of the file of results. */
  readonly batch: string;
  readonly scope: Pick<Scope, 'labels' | 'key'>;
  /** Where the batch crossed from another API: that one, the batch as its client knows it, and what went lost. */
  readonly crossed?: { readonly from: ApiId; readonly batch: string; readonly dropped: readonly string[] };
  /** Never throws; an unknown price is a cost of null. */
  readonly price: (result: PricedResult) => Cost;
}

const none: Cost = { total: 0 as Cost['total'], byBucket: {}, status: 'none', flags: [] };
const unknown: Cost = { total: null, byBucket: {}, status: 'unpriced', flags: [] };
const unread: Cost = { total: null, byBucket: {}, status: 'unmetered', flags: [] };

/** The record of one result: at the rates of a batch, under an id that follows from provider, batch and request, so that the ledger keeps it once. */
export async function resultRecord(source: ResultsSource, result: BatchResult, batchModel?: string): Promise<CallRecord> {
  const facts = await factsOf(source, result);
  const at = Date.now();
  const attempt = attemptOf(source, result, facts, batchModel ?? '', at);
  const { usage, cost } = attempt;
  const { servedBy, batch, scope, crossed } = source;
  return {
    type: 'call',
    id: stableId('batch', servedBy.name, result.id === result.customId ? batch : '', result.id),
    at,
    api: crossed?.from ?? result.api,
    operation: apis[crossed?.from ?? result.api].operation,
    labels: { ...scope.labels, tags: { ...scope.labels.tags, batch: crossed?.batch ?? batch } },
    key: scope.key,
    requestModel: attempt.requestModel,
    model: attempt.model ?? attempt.requestModel,
    provider: servedBy.name,
    hosting: servedBy.hosting,
    stream: false,
    outcome: result.outcome,
    ...(result.outcome !== 'ok' && { errorCode: result.outcome === 'aborted' ? 'aborted' : 'provider_error' }),
    status: result.status,
    finishReason: attempt.finishReason,
    buckets: usage?.buckets ?? {},
    usageSource: usage?.source,
    flags: ['batch_result', ...(usage?.flags ?? []), ...(cost.total === null && !usage ? ['usage_missing'] : [])],
    cost,
    attempts: [attempt],
    durationMs: 0,
    requestBytes: 0,
    replyBytes: result.body?.length ?? 0,
  };
}

async function factsOf({ dialect }: ResultsSource, { api, status, body }: BatchResult): Promise<ReplyFacts | undefined> {
  if (!body || api === 'passthrough') return undefined;
  const meter = replyMeter({ api, dialect, status, contentType: 'application/json', contentEncoding: undefined });
  meter.write(body);
  return meter.facts(true);
}

function attemptOf(
  { servedBy, price, crossed }: ResultsSource,
  { api, outcome, status }: BatchResult,
  facts: ReplyFacts | undefined,
  batchModel: string,
  at: number,
): Attempt {
  const usage = outcome === 'ok' ? facts?.usage : undefined;
  const model = facts?.model ?? batchModel;
  const served = { ...facts?.served, serviceTier: 'batch' };
  const missing = outcome !== 'ok' ? none : api === 'passthrough' ? unread : unknown;
  return {
    provider: servedBy.name,
    hosting: servedBy.hosting,
    requestModel: model,
    model: facts?.model,
    responseId: facts?.responseId,
    status,
    outcome,
    finishReason: facts?.finishReason,
    usage,
    served,
    cost: usage ? price({ servedBy: { ...servedBy, model }, model, usage, served, at }) : missing,
    at,
    timeToFirstByteMs: undefined,
    durationMs: 0,
    ...(crossed && { upstreamApi: api, dropped: crossed.dropped }),
  };
}
