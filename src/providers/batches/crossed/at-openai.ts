import { randomUUID } from 'node:crypto';
import type { Bytes, Json } from '../../../core/json.ts';
import { field, list, parsed, text } from '../../../protocols/count.ts';
import { collectedFlow } from './lines.ts';
import type { BatchCounts, BatchStatus, ProviderSide, SentLine } from './batch.ts';
import { epochMs, required, whole } from './read.ts';
import { linesOf } from './upload.ts';

const endpoint = '/v1/chat/completions';
const batchAt = (id: string): string => `/v1/batches/${encodeURIComponent(id)}`;
const contentAt = (file: string): string => `/v1/files/${encodeURIComponent(file)}/content`;

/** Batches of OpenAI, and of who has the same API, as providers of others' batches. */
export const atOpenai: ProviderSide = {
  api: 'openai.chat',
  idThere: (customId) => customId,
  idHere: (id) => id,
  async submit(lines, { json }) {
    const { body, contentType } = formOf(fileOf(lines));
    const file = required(await json({ method: 'POST', path: '/v1/files', body, contentType }), 'id');
    const asked = { input_file_id: file, endpoint, completion_window: '24h' };
    const batch = {
      method: 'POST',
      path: '/v1/batches',
      body: Buffer.from(JSON.stringify(asked)),
      contentType: 'application/json',
    } as const;
    return required(await json(batch), 'id');
  },
  status: async (id, { json }) => statusOf(await json({ method: 'GET', path: batchAt(id) })),
  async cancel(id, { json }) {
    await json({ method: 'POST', path: `${batchAt(id)}/cancel`, body: Buffer.from('{}'), contentType: 'application/json' });
  },
  async results(id, { json }) {
    const batch = await json({ method: 'GET', path: batchAt(id) });
    const files = ['output_file_id', 'error_file_id'].map((key) => text(field(batch, key))).filter((file) => file !== undefined);
    return files.map((file) => ({ path: contentAt(file), id: file }));
  },
  async sent(id, { json, reply }) {
    const file = required(await json({ method: 'GET', path: batchAt(id) }), 'input_file_id');
    const content = await collectedFlow((await reply({ method: 'GET', path: contentAt(file) })).bytes);
    return [...linesOf(content)].map((line) => text(field(parsed(line), 'custom_id'))).filter((found) => found !== undefined);
  },
};

const fileOf = (lines: readonly SentLine[]): Bytes =>
  Buffer.concat(
    lines.flatMap(({ customId, body }) => [
      Buffer.from(`{"custom_id":${JSON.stringify(customId)},"method":"POST","url":"${endpoint}","body":`),
      body,
      lineEnd,
    ]),
  );

const lineEnd = Buffer.from('}\n');

function formOf(file: Bytes): { readonly body: Bytes; readonly contentType: string } {
  const boundary = `modicum-${randomUUID()}`;
  const part = (head: string): string => `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n`;
  const purpose = `${part('name="purpose"')}\r\nbatch\r\n`;
  const opening = `${purpose}${part('name="file"; filename="batch.jsonl"')}content-type: application/jsonl\r\n\r\n`;
  return {
    body: Buffer.concat([Buffer.from(opening), file, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

const ends: Readonly<Record<string, NonNullable<BatchStatus['end']>>> = {
  completed: 'completed',
  cancelled: 'cancelled',
  expired: 'expired',
  failed: 'failed',
};

function statusOf(batch: Json): BatchStatus {
  const word = text(field(batch, 'status')) ?? '';
  const end = ends[word];
  const expiresAt = epochMs(field(batch, 'expires_at'));
  if (!end) return { phase: word === 'cancelling' ? 'cancelling' : 'running', counts: countsOf(batch, undefined), expiresAt };
  const endedAt = epochMs(field(batch, `${word}_at`));
  const error = list(field(field(batch, 'errors'), 'data')).map((one) => text(field(one, 'message')) ?? '');
  return { phase: 'ended', end, counts: countsOf(batch, end), endedAt, expiresAt, ...(error.length > 0 && { error: error.join('; ') }) };
}

/** What was not done when it ended was cancelled, or has expired. */
function countsOf(batch: Json, end: BatchStatus['end']): BatchCounts {
  const told = field(batch, 'request_counts');
  const [succeeded, failed] = [whole(told, 'completed'), whole(told, 'failed')];
  const left = Math.max(whole(told, 'total') - succeeded - failed, 0);
  return { succeeded, failed, cancelled: end === 'cancelled' ? left : 0, expired: end === 'expired' ? left : 0 };
}
