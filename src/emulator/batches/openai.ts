import type { JsonObject } from '../../core/json.ts';
import { routeOf } from '../route.ts';
import type { EmulatorState } from '../state.ts';
import { VendorError } from '../wire/errors.ts';
import { objectOf, wordOf } from '../wire/fields.ts';
import { jsonAnswer, linesAnswer, type Batch, type BatchAnswer, type BatchRequest, type StoredFile } from './batch.ts';
import { kept, stateOf } from './jobs.ts';
import { runOne, type Ask } from './run.ts';

export const openaiRequestsMax = 50_000;
const filePath = /^\/v1\/files(?:\/([^/]+)(\/content)?)?$/;
const batchPath = /^\/v1\/batches(?:\/([^/]+)(\/cancel)?)?$/;

/** `/v1/files`, `/v1/batches` and below; `undefined` for any other path. @throws {VendorError} */
export async function openaiBatches(state: EmulatorState, request: BatchRequest): Promise<BatchAnswer | undefined> {
  const [file, fileId, content] = filePath.exec(request.path) ?? [];
  if (file !== undefined) return files(state, request, fileId, content !== undefined);
  const [batch, batchId, cancel] = batchPath.exec(request.path) ?? [];
  return batch === undefined ? undefined : batches(state, request, batchId, cancel !== undefined);
}

async function files(state: EmulatorState, request: BatchRequest, id: string | undefined, content: boolean): Promise<BatchAnswer> {
  if (id === undefined) {
    if (request.method === 'POST') return jsonAnswer(fileObject(await uploaded(state, request)));
    return jsonAnswer({ object: 'list', data: [...state.files.values()].toReversed().map(fileObject), has_more: false });
  }
  const file = state.files.get(id);
  if (!file) throw new VendorError(404, `no file ${id}`);
  if (content) return { text: file.text, contentType: 'application/octet-stream' };
  if (request.method !== 'DELETE') return jsonAnswer(fileObject(file));
  state.files.delete(id);
  return jsonAnswer({ id, object: 'file', deleted: true });
}

async function uploaded(state: EmulatorState, { form }: BatchRequest): Promise<StoredFile> {
  const fields = await form();
  const file = fields.get('file');
  const purpose = fields.get('purpose');
  if (!(file instanceof File)) throw new VendorError(400, 'file is missing', 'file');
  return stored(state, file.name, typeof purpose === 'string' ? purpose : '', await file.text());
}

function stored(state: EmulatorState, name: string, purpose: string, text: string): StoredFile {
  const file = { id: state.newId('file-emu'), name, purpose, createdAt: state.now(), text };
  state.files.set(file.id, file);
  return file;
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

const fileObject = ({ id, name, purpose, createdAt, text }: StoredFile): JsonObject => ({
  id,
  object: 'file',
  bytes: Buffer.byteLength(text),
  created_at: seconds(createdAt),
  filename: name,
  purpose,
  status: 'processed',
});

async function batches(state: EmulatorState, request: BatchRequest, id: string | undefined, cancel: boolean): Promise<BatchAnswer> {
  const shown = (batch: Batch): BatchAnswer => jsonAnswer(batchObject(state, batch));
  if (id === undefined) {
    if (request.method === 'POST') return shown(await created(state, request));
    const data = [...state.batches.values()].filter(({ family }) => family === 'openai').toReversed();
    return jsonAnswer({ object: 'list', data: data.map((batch) => batchObject(state, batch)), has_more: false });
  }
  const batch = kept(state, 'openai', id);
  if (!cancel || stateOf(state, batch) !== 'running') return shown(batch);
  const canceled = { ...batch, canceledAt: state.now() };
  state.batches.set(id, canceled);
  return shown(canceled);
}

async function created(state: EmulatorState, { json, credential }: BatchRequest): Promise<Batch> {
  const asked = await json();
  const endpoint = wordOf(asked['endpoint']);
  const input = state.files.get(wordOf(asked['input_file_id']));
  if (!input) throw new VendorError(400, 'no such input_file_id', 'input_file_id');
  const asks = input.text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [askOf(line, endpoint, credential)]));
  if (asks.length === 0 || asks.length > openaiRequestsMax) throw new VendorError(400, `a batch holds 1 to ${openaiRequestsMax} requests`);
  const results = asks.map((ask) => runOne(state, ask));
  const line = (done: (typeof results)[number]): JsonObject => ({
    id: state.newId('batch_req_emu_'),
    custom_id: done.customId,
    response: { status_code: done.status, request_id: state.newId('req_emu_'), body: done.body },
    error: null,
  });
  const save = (name: string, failed: boolean): { readonly [key: string]: string } => {
    const some = results.filter(({ status }) => (status !== 200) === failed);
    if (some.length === 0) return {};
    const { text } = linesAnswer(some.map(line), '');
    return { [`${name}_file_id`]: stored(state, `${name}.jsonl`, 'batch_output', text).id };
  };
  const createdAt = state.now();
  const { endpoint: _, ...more } = asked;
  const shown = { ...more, endpoint, ...save('output', false), ...save('error', true) };
  const batch: Batch = { id: state.newId('batch_emu_'), family: 'openai', createdAt, endsAt: createdAt + state.batchMs, results, shown };
  state.batches.set(batch.id, batch);
  return batch;
}

function askOf(line: string, endpoint: string, credential: string): Ask {
  const { custom_id, url, body: given } = objectOf(JSON.parse(line));
  const body = objectOf(given);
  const route = routeOf('POST', wordOf(url), () => undefined);
  if (url !== endpoint || route.kind !== 'api') throw new VendorError(400, `the url of a request must be the endpoint, ${endpoint}`);
  return { customId: wordOf(custom_id), api: route.api, family: 'openai', model: wordOf(body['model']), body, credential };
}

const statuses = { running: 'in_progress', canceled: 'cancelled', done: 'completed' } as const;

function batchObject(state: EmulatorState, { id, createdAt, endsAt, canceledAt, results, shown }: Batch): JsonObject {
  const now = stateOf(state, { id, family: 'openai', createdAt, endsAt, results, shown, ...(canceledAt !== undefined && { canceledAt }) });
  const completed = results.filter(({ status }) => status === 200).length;
  const { output_file_id, error_file_id, ...asked } = shown;
  const done = now === 'done';
  return {
    id,
    object: 'batch',
    errors: null,
    status: statuses[now],
    created_at: seconds(createdAt),
    expires_at: seconds(createdAt) + 86_400,
    ...asked,
    output_file_id: done ? (output_file_id ?? null) : null,
    error_file_id: done ? (error_file_id ?? null) : null,
    completed_at: done ? seconds(endsAt) : null,
    cancelled_at: canceledAt === undefined ? null : seconds(canceledAt),
    request_counts: { total: results.length, completed: done ? completed : 0, failed: done ? results.length - completed : 0 },
  };
}
