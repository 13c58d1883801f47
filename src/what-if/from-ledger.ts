import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { replyOf, streamedReplyOf } from '../audit/read/reply.ts';
import type { AuditReply } from '../audit/call.ts';
import type { CallRecord } from '../core/record.ts';
import type { NanoUsd } from '../core/usage.ts';
import { generationApis } from '../emulator/generate.ts';
import type { GenerationApiId } from '../emulator/generation.ts';
import { openBodyStore } from '../ledger/bodies.ts';
import { eachCall, type StoredCall } from '../ledger/calls.ts';
import type { Selection } from '../ledger/keys.ts';
import { withLedger } from '../ledger/report.ts';
import { countsOf } from './from-read.ts';
import type { PassedOver, Recorded, RecordedCall } from './recorded.ts';
import { urlModel } from './request-body.ts';

type BodyOf = (hash: string | undefined) => Buffer | undefined;

/** Calls of the ledger in `dir`, with the bodies it keeps, byte for byte as they were stored. @throws {Error} when there is no ledger */
export function readLedgerCalls(dir: string, selection: Selection, see: (recorded: Recorded) => void): void {
  const bodies = existsSync(join(dir, 'bodies.db')) ? openBodyStore(dir) : undefined;
  const bodyOf: BodyOf = (hash) => (hash === undefined ? undefined : bodies?.get(hash));
  try {
    withLedger(dir, (database) => {
      for (const stored of eachCall(database, selection)) see(recordedOf(stored, bodyOf));
    });
  } finally {
    bodies?.close();
  }
}

function recordedOf({ record, repriced }: StoredCall, bodyOf: BodyOf): Recorded {
  const cost = repriced ? (repriced.cost as NanoUsd | null) : record.cost.total;
  const why = passedOverOf(record);
  const body = why ? undefined : bodyOf(record.bodies?.request);
  if (!body) return { passedOver: why ?? 'no_content', calls: 1, cost };
  if (body.includes('"previous_response_id"')) return { passedOver: 'kept_by_provider', calls: 1, cost };
  return { call: callOf(record, body, bodyOf(record.bodies?.reply), cost) };
}

function passedOverOf({ api, outcome, operation, attempts }: CallRecord): PassedOver | undefined {
  if (operation === 'embeddings' || operation === 'count_tokens' || !Object.hasOwn(generationApis, api)) return 'other_operation';
  if (outcome === 'failed' || outcome === 'refused') return 'failed';
  return attempts.at(-1)?.served.serviceTier === 'batch' ? 'batch' : undefined;
}

function callOf(record: CallRecord, body: Buffer, replyBody: Buffer | undefined, cost: NanoUsd | null): RecordedCall {
  const api = record.api as GenerationApiId;
  const said = replyBody && saidIn(api, replyBody);
  return {
    api,
    pieces: [body.toString('utf8')],
    model: urlModel(api, record.requestModel),
    at: record.at,
    labels: record.labels,
    key: record.key,
    reply: {
      content: said?.text ?? '',
      tools: (said?.tools ?? []).map((name) => ({ name, arguments: '{}' })),
      ...countsOf(record.attempts.at(-1)?.usage?.buckets ?? {}),
    },
    today: { cost, buckets: record.buckets, model: record.model },
  };
}

function saidIn(api: GenerationApiId, body: Buffer): AuditReply {
  try {
    return replyOf(api, JSON.parse(body.toString('utf8')));
  } catch {
    return streamedReplyOf(api, body);
  }
}
