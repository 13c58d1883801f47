import type { Bytes, Json, JsonObject } from '../../../core/json.ts';
import type { BatchStatus, ClientResult } from './batch.ts';
import { ownIds, type Job, type KeptFile } from './jobs.ts';

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));

/** Files of results have the id of their batch, and say which results they hold. */
export const resultFileId = ({ id }: Pick<Job, 'id'>, which: 'output' | 'error'): string =>
  `${ownIds.file}${which}-${id.slice(ownIds.openaiBatch.length)}`;

/** The batch of a file of results, and which. */
export function resultFile(id: string): { readonly batch: string; readonly which: 'output' | 'error' } | undefined {
  const [, which, batch] = /^file-mdc-(output|error)-([0-9a-f]+)$/.exec(id) ?? [];
  return batch === undefined ? undefined : { batch: `${ownIds.openaiBatch}${batch}`, which: which as 'output' | 'error' };
}

const words = { running: 'in_progress', cancelling: 'cancelling', ended: 'completed' } as const;

/** OpenAI's `batch`. */
export function batchObject(job: Job, status: BatchStatus): JsonObject {
  const { phase, end, counts, endedAt, expiresAt } = status;
  const { succeeded, failed, cancelled, expired } = counts;
  const isOver = phase === 'ended';
  const at = (which: BatchStatus['end']): number | null => (end === which ? seconds(endedAt) : null);
  return {
    id: job.id,
    object: 'batch',
    ...(job.shown as JsonObject),
    errors: status.error === undefined ? null : { object: 'list', data: [{ code: 'invalid_request', message: status.error }] },
    status: end ?? words[phase],
    output_file_id: isOver && succeeded > 0 ? resultFileId(job, 'output') : null,
    error_file_id: isOver && failed + expired > 0 ? resultFileId(job, 'error') : null,
    created_at: seconds(job.createdAt),
    in_progress_at: seconds(job.createdAt),
    expires_at: seconds(expiresAt),
    finalizing_at: null,
    completed_at: at('completed'),
    failed_at: at('failed'),
    expired_at: at('expired'),
    cancelled_at: at('cancelled'),
    request_counts: { total: job.total, completed: succeeded, failed: failed + expired + cancelled },
  };
}

/** OpenAI's `file`, of what a client uploaded. */
export const fileObject = ({ id, name, bytes, createdAt }: KeptFile): JsonObject => ({
  id,
  object: 'file',
  bytes,
  created_at: seconds(createdAt),
  filename: name,
  purpose: 'batch',
  status: 'processed',
});

/** The same of a file of results, whose length nobody knows before it is read. */
export const resultFileObject = (id: string, { createdAt }: Job, which: string): JsonObject => ({
  id,
  object: 'file',
  bytes: null,
  created_at: seconds(createdAt),
  filename: `${which}.jsonl`,
  purpose: 'batch_output',
  status: 'processed',
});

const failure: Readonly<Record<'cancelled' | 'expired', Json>> = {
  cancelled: { code: 'batch_cancelled', message: 'the batch was cancelled before this request was done' },
  expired: { code: 'batch_expired', message: 'this request could not be done before the batch expired' },
};

/** Which file a result stands in; a request that was cancelled stands in none. */
export const fileOf = ({ end }: ClientResult): 'output' | 'error' | undefined =>
  end === 'ok' ? 'output' : end === 'cancelled' ? undefined : 'error';

/** A line of a file of results. */
export function resultLine({ customId, end, status, body }: ClientResult, id: string): Bytes {
  const head = `{"id":${JSON.stringify(`batch_req_${id}`)},"custom_id":${JSON.stringify(customId)}`;
  if (end === 'cancelled' || end === 'expired') return Buffer.from(`${head},"response":null,"error":${JSON.stringify(failure[end])}}\n`);
  const response = `,"response":{"status_code":${status},"request_id":${JSON.stringify(id)},"body":`;
  return Buffer.concat([Buffer.from(`${head}${response}`), body ?? Buffer.from('null'), Buffer.from('},"error":null}\n')]);
}
