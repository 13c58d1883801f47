import type { Json, JsonObject } from '../../core/json.ts';
import type { EmulatorState } from '../state.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, objectOf, wordOf } from '../wire/fields.ts';
import { jsonAnswer, linesAnswer, type Batch, type BatchAnswer, type BatchRequest, type Done } from './batch.ts';
import { kept, stateOf } from './jobs.ts';
import { runOne } from './run.ts';

export const anthropicRequestsMax = 100_000;
const path = /^\/v1\/messages\/batches(?:\/([^/]+)(?:\/(cancel|results))?)?$/;

/** `/v1/messages/batches` and below; `undefined` for any other path. @throws {VendorError} */
export async function anthropicBatches(state: EmulatorState, request: BatchRequest): Promise<BatchAnswer | undefined> {
  const [matched, id, verb] = path.exec(request.path) ?? [];
  if (matched === undefined) return undefined;
  const shown = (batch: Batch): BatchAnswer => jsonAnswer(messageBatch(state, request, batch));
  if (id === undefined) return request.method === 'POST' ? shown(await created(state, request)) : jsonAnswer(listed(state, request));
  const batch = kept(state, 'anthropic', id);
  if (verb === 'results') return results(state, batch);
  if (verb === 'cancel') {
    const canceled = stateOf(state, batch) === 'running' ? { ...batch, canceledAt: state.now() } : batch;
    state.batches.set(id, canceled);
    return shown(canceled);
  }
  if (request.method !== 'DELETE') return shown(batch);
  state.batches.delete(id);
  return jsonAnswer({ id, type: 'message_batch_deleted' });
}

async function created(state: EmulatorState, request: BatchRequest): Promise<Batch> {
  const requests = listOf((await request.json())['requests']).map(objectOf);
  if (requests.length === 0 || requests.length > anthropicRequestsMax)
    throw new VendorError(400, `requests must hold 1 to ${anthropicRequestsMax} entries`, 'requests');
  const ids = new Set(requests.map(({ custom_id }) => wordOf(custom_id)));
  if (ids.size < requests.length || ids.has('')) throw new VendorError(400, 'each custom_id must be given, and once', 'requests');
  const createdAt = state.now();
  const results = requests.map(({ custom_id, params }) => {
    const body = objectOf(params);
    const ask = { customId: wordOf(custom_id), model: wordOf(body['model']), body, credential: request.credential };
    return inBatch(runOne(state, { ...ask, api: 'anthropic.messages', family: 'anthropic' }));
  });
  const batch: Batch = {
    id: state.newId('msgbatch_emu_'),
    family: 'anthropic',
    createdAt,
    endsAt: createdAt + state.batchMs,
    results,
    shown: {},
  };
  state.batches.set(batch.id, batch);
  return batch;
}

/** The usage of a batch's message names its tier. */
function inBatch(done: Done): Done {
  if (done.status !== 200) return done;
  return { ...done, body: { ...done.body, usage: { ...objectOf(done.body['usage']), service_tier: 'batch' } } };
}

function messageBatch(state: EmulatorState, { url }: BatchRequest, batch: Batch): JsonObject {
  const now = stateOf(state, batch);
  const ended = now !== 'running';
  const succeeded = batch.results.filter(({ status }) => status === 200).length;
  const all = batch.results.length;
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  const done = { ...counts, succeeded, errored: all - succeeded };
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: ended ? 'ended' : 'in_progress',
    request_counts: now === 'running' ? { ...counts, processing: all } : now === 'canceled' ? { ...counts, canceled: all } : done,
    created_at: new Date(batch.createdAt).toISOString(),
    ended_at: ended ? new Date(batch.canceledAt ?? batch.endsAt).toISOString() : null,
    expires_at: new Date(batch.createdAt + 86_400_000).toISOString(),
    archived_at: null,
    cancel_initiated_at: batch.canceledAt === undefined ? null : new Date(batch.canceledAt).toISOString(),
    results_url: ended ? `${url}/v1/messages/batches/${batch.id}/results` : null,
  };
}

function results(state: EmulatorState, batch: Batch): BatchAnswer {
  const now = stateOf(state, batch);
  if (now === 'running') throw new VendorError(404, 'the batch has no results yet');
  const resultOf = ({ status, body }: Done): Json => {
    if (now === 'canceled') return { type: 'canceled' };
    return status === 200 ? { type: 'succeeded', message: body } : { type: 'errored', error: body };
  };
  // In another order than asked for: none is promised.
  const lines = batch.results.toReversed().map((done) => ({ custom_id: done.customId, result: resultOf(done) }));
  return linesAnswer(lines, 'application/x-jsonl');
}

function listed(state: EmulatorState, request: BatchRequest): JsonObject {
  const data = [...state.batches.values()].filter(({ family }) => family === 'anthropic').toReversed();
  return {
    data: data.map((batch) => messageBatch(state, request, batch)),
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
