import type { JsonObject } from '../../core/json.ts';
import type { EmulatorState } from '../state.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, objectOf, textOf } from '../wire/fields.ts';
import { jsonAnswer, type Batch, type BatchAnswer, type BatchRequest, type Done } from './batch.ts';
import { kept, stateOf } from './jobs.ts';
import { runOne } from './run.ts';

const createPath = /^\/v1(?:beta)?\/models\/([^/:]+):batchGenerateContent$/;
const path = /^\/v1(?:beta)?\/(batches)(?:\/([^/:]+)(:cancel)?)?$/;

/** `models/{model}:batchGenerateContent` with requests in the body, and `batches`; `undefined` for any other path. @throws {VendorError} */
export async function googleBatches(state: EmulatorState, request: BatchRequest): Promise<BatchAnswer | undefined> {
  const model = createPath.exec(request.path)?.[1];
  if (model !== undefined) return jsonAnswer(operation(state, await created(state, request, decodeURIComponent(model))));
  const [matched, , id, cancel] = path.exec(request.path) ?? [];
  if (matched === undefined) return undefined;
  if (id === undefined) {
    const all = [...state.batches.values()].filter(({ family }) => family === 'google').toReversed();
    return jsonAnswer({ operations: all.map((batch) => operation(state, batch)) });
  }
  const batch = kept(state, 'google', `batches/${id}`);
  if (cancel !== undefined) {
    if (stateOf(state, batch) === 'running') state.batches.set(batch.id, { ...batch, canceledAt: state.now() });
    return jsonAnswer({});
  }
  if (request.method !== 'DELETE') return jsonAnswer(operation(state, batch));
  state.batches.delete(batch.id);
  return jsonAnswer({});
}

async function created(state: EmulatorState, { json, credential }: BatchRequest, model: string): Promise<Batch> {
  const batch = objectOf((await json())['batch']);
  const requests = listOf(objectOf(objectOf(objectOf(batch['inputConfig'])['requests']))['requests']).map(objectOf);
  if (requests.length === 0) throw new VendorError(400, 'the batch has no requests in its body; files are not emulated');
  const results = requests.map(({ request, metadata }, at) => {
    const customId = textOf(objectOf(metadata)['key']) ?? String(at);
    return runOne(state, { customId, api: 'google.generate_content', family: 'google', model, body: objectOf(request), credential });
  });
  const createdAt = state.now();
  const shown = {
    model: `models/${model}`,
    displayName: batch['displayName'],
    metadata: requests.map(({ metadata }) => metadata ?? null),
  };
  const made: Batch = {
    id: state.newId('batches/emu'),
    family: 'google',
    createdAt,
    endsAt: createdAt + state.batchMs,
    results,
    shown,
  };
  state.batches.set(made.id, made);
  return made;
}

const states = { running: 'BATCH_STATE_RUNNING', canceled: 'BATCH_STATE_CANCELLED', done: 'BATCH_STATE_SUCCEEDED' } as const;

function operation(state: EmulatorState, batch: Batch): JsonObject {
  const now = stateOf(state, batch);
  const { metadata, ...shown } = batch.shown;
  const responseOf = ({ status, body }: Done, at: number): JsonObject => ({
    ...(status === 200 ? { response: body } : { error: objectOf(body['error']) }),
    ...(listOf(metadata)[at] && { metadata: listOf(metadata)[at] }),
  });
  const output = { inlinedResponses: { inlinedResponses: batch.results.map(responseOf) } };
  const type = 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch';
  return {
    name: batch.id,
    metadata: {
      '@type': type,
      ...shown,
      state: states[now],
      createTime: new Date(batch.createdAt).toISOString(),
      ...(now === 'done' && { endTime: new Date(batch.endsAt).toISOString(), output }),
      name: batch.id,
    },
    ...(now !== 'running' && { done: true }),
    ...(now === 'done' && { response: output }),
  };
}
