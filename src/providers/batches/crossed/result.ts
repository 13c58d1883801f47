import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { ReplyError } from '../../../core/canonical/reply-error.ts';
import type { Bytes } from '../../../core/json.ts';
import type { BatchResult } from '../../../protocols/batches/results.ts';
import type { Dialect } from '../../../protocols/dialect.ts';
import { translatorOf } from '../../../protocols/translate/translators.ts';
import { endOf, type ClientResult, type CrossedApi } from './batch.ts';
import { maxLineBytes } from '../metered.ts';

export interface ResultCrossing {
  /** Of the provider. */
  readonly from: CrossedApi;
  /** Of the client. */
  readonly to: CrossedApi;
  readonly dialect: Dialect;
  readonly customId: string;
  /** For ids where the provider gives none: a UUID. */
  readonly requestId: string;
  readonly createdAtMs: number;
}

/** A result of the provider's batch as the client's API has it. */
export function crossedResult(result: BatchResult, crossing: ResultCrossing): ClientResult {
  const { customId } = crossing;
  const end = endOf(result);
  if (end === 'cancelled' || end === 'expired') return { customId, end, status: result.status, body: undefined };
  if (end === 'ok' && result.body) return answered(result.body, crossing);
  return failedResult(translatorOf(crossing.from)!.decodeError(result.status, result.body ?? Buffer.from('{}')), crossing);
}

function answered(body: Bytes, crossing: ResultCrossing): ClientResult {
  const { from, to, dialect, customId, requestId, createdAtMs } = crossing;
  const decoder = translatorOf(from)!.decodeReply({ isStream: false, dialect, maxEventBytes: maxLineBytes });
  const events = [...decoder.write(body), ...decoder.end()];
  const last = events.at(-1);
  if (last?.type === 'error') return failedResult(last.error, crossing);
  const encoder = translatorOf(to)!.encodeReply({
    call: unknownCall,
    requestId,
    createdAt: Math.floor(createdAtMs / 1000),
    framing: 'json-list',
  });
  const pieces = events.map((event) => encoder.write(event)).filter((piece) => piece !== undefined);
  return { customId, end: 'ok', status: 200, body: Buffer.concat(pieces) };
}

/** The error of a request in the client's API. */
export function failedResult(error: ReplyError, { to, customId, requestId }: ResultCrossing): ClientResult {
  const { status, body } = translatorOf(to)!.encodeError(error, requestId);
  return { customId, end: 'failed', status, body };
}

/** What the client asked is not kept; whole replies of these APIs repeat nothing of it. */
const unknownCall: CanonicalCall = { model: '', stream: false, streamUsage: true, messages: [], tools: [], sampling: {} };
