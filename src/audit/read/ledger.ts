import type { CallRecord } from '../../core/record.ts';
import { openBodyStore } from '../../ledger/bodies.ts';
import { eachCall, type StoredCall } from '../../ledger/calls.ts';
import { withLedger } from '../../ledger/report.ts';
import type { JsonObject } from '../../core/json.ts';
import type { LedgerFacts, ReadCall } from '../call.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { replyOf, streamedReplyOf } from './reply.ts';
import { requestFacts } from './reader.ts';

export interface LedgerRange {
  /** Epoch ms, inclusive. */
  readonly since?: number | undefined;
  /** Epoch ms, exclusive. */
  readonly until?: number | undefined;
}

type BodyOf = (hash: string | undefined) => Buffer | undefined;

/** Calls of a data directory, as recorded or repriced, with their content where bodies are kept; counting tokens is no call. */
export function readLedger(dir: string, range: LedgerRange, see: (call: ReadCall) => void): void {
  const bodies = existsSync(join(dir, 'bodies.db')) ? openBodyStore(dir) : undefined;
  const bodyOf: BodyOf = (hash) => (hash === undefined ? undefined : bodies?.get(hash));
  try {
    withLedger(dir, (database) => {
      for (const stored of eachCall(database, range)) if (stored.record.operation !== 'count_tokens') see(callOf(stored, bodyOf));
    });
  } finally {
    bodies?.close();
  }
}

const callOf = (stored: StoredCall, bodyOf: BodyOf): ReadCall => ({ ...ledgerCall(stored), ...contentOf(stored.record, bodyOf) });

/** A call of the ledger, without its content. */
export function ledgerCall({ record, repriced }: StoredCall): ReadCall {
  const { labels, cost } = record;
  return {
    source: 'ledger',
    where: record.id,
    at: record.at,
    calls: 1,
    provider: record.provider,
    requestModel: record.requestModel,
    model: record.model,
    session: labels.session,
    app: labels.app,
    outcome: record.outcome,
    buckets: record.buckets,
    others: record.attempts.at(-1)?.usage?.others,
    usageSource: record.usageSource ?? 'provider',
    served: record.attempts.at(-1)?.served ?? {},
    cost: repriced ? { ...cost, total: repriced.cost as typeof cost.total } : cost,
    parts: record.parts,
    facts: factsOf(record),
  };
}

function factsOf({ labels, annotations, finishReason, stream, extraCost, attempts, bodies }: CallRecord): LedgerFacts {
  return {
    feature: labels.feature,
    signals: annotations?.signals ?? [],
    finishReason,
    isStream: stream,
    hasPerson: labels.user !== undefined || labels.session !== undefined,
    isPromptWatched: annotations?.treated?.includes('prompt-repair') ?? false,
    retryCost: extraCost === undefined ? 0 : extraCost.retries,
    failures: attempts.slice(0, -1).map(({ provider, errorCode, status }) => `${provider} ${errorCode ?? status ?? 'no reply'}`),
    requestHash: bodies?.request,
    observed: annotations?.savings?.filter(({ mode }) => mode === 'observe') ?? [],
  };
}

function contentOf({ api, model, bodies }: CallRecord, bodyOf: BodyOf): Pick<ReadCall, 'prompt' | 'settings' | 'reply'> {
  const request = parsed(bodyOf(bodies?.request));
  if (!request) return {};
  const bytes = bodyOf(bodies?.reply);
  const whole = parsed(bytes);
  const reply = whole ? replyOf(api, whole) : bytes && streamedReplyOf(api, bytes);
  return { ...requestFacts(api, model, request), ...(reply && { reply }) };
}

function parsed(bytes: Buffer | undefined): JsonObject | undefined {
  if (!bytes) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonObject;
  } catch {
    return undefined;
  }
}
