import type { Bytes, JsonObject } from '../../../core/json.ts';
import type { BatchStatus, ClientResult } from './batch.ts';
import type { Job } from './jobs.ts';

const time = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
const dayMs = 24 * 3600 * 1000;
const words = { running: 'in_progress', cancelling: 'canceling', ended: 'ended' } as const;

/** Anthropic's `message_batch`. */
export function messageBatch({ id, createdAt, total }: Job, status: BatchStatus, ownUrl: string): JsonObject {
  const { phase, counts, endedAt, expiresAt } = status;
  const isOver = phase === 'ended';
  return {
    id,
    type: 'message_batch',
    processing_status: words[phase],
    request_counts: countsOf(total, status),
    created_at: time(createdAt),
    ended_at: isOver ? time(endedAt ?? createdAt) : null,
    expires_at: time(expiresAt ?? createdAt + dayMs),
    archived_at: null,
    cancel_initiated_at: phase === 'cancelling' || counts.cancelled > 0 ? time(endedAt ?? createdAt) : null,
    results_url: isOver ? `${ownUrl}/v1/messages/batches/${id}/results` : null,
  };
}

/** All counts are 0 until the batch has ended. A batch the provider took none of failed as a whole. */
function countsOf(total: number, { phase, end, counts }: BatchStatus): JsonObject {
  const { succeeded, failed, cancelled, expired } = counts;
  if (phase !== 'ended') return { processing: total, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  if (end === 'failed') return { processing: 0, succeeded: 0, errored: total, canceled: 0, expired: 0 };
  const left = Math.max(total - succeeded - failed - cancelled - expired, 0);
  return { processing: 0, succeeded, errored: failed, canceled: cancelled + (end === 'cancelled' ? left : 0), expired };
}

const bare = { cancelled: '{"type":"canceled"}', expired: '{"type":"expired"}' } as const;

/** A line of results. */
export function messageLine({ customId, end, body }: ClientResult): Bytes {
  const head = `{"custom_id":${JSON.stringify(customId)},"result":`;
  if (end === 'cancelled' || end === 'expired') return Buffer.from(`${head}${bare[end]}}\n`);
  const result = end === 'ok' ? '{"type":"succeeded","message":' : '{"type":"errored","error":';
  return Buffer.concat([Buffer.from(head + result), body ?? Buffer.from('null'), Buffer.from('}}\n')]);
}
