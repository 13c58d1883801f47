import type { DatabaseSync } from 'node:sqlite';
import type { CallRecord } from '../../core/record.ts';
import { unpack } from '../frame.ts';
import { decodeLine } from '../line.ts';

export interface KnownRequest {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Records looked at, about. */
  readonly limit: number;
}

/** What a span of a call may name it by. */
export interface KnownCall extends Pick<CallRecord, 'id' | 'at' | 'requestModel' | 'flags'> {
  readonly annotations: { readonly trace?: string };
  readonly attempts: readonly { readonly responseId: string | undefined }[];
}

/** Calls that arrived between two times, by the ids that others know them by; the newest first where there are too many. */
export function knownCalls(database: DatabaseSync, { from, to, limit }: KnownRequest): readonly KnownCall[] {
  const calls: KnownCall[] = [];
  let left = limit;
  const blocks = database
    .prepare('SELECT count, encoding, payload FROM block WHERE max_at >= ? AND min_at <= ? ORDER BY first_sequence DESC LIMIT ?')
    .iterate(from, to, limit);
  for (const { count, encoding, payload } of blocks) {
    if (left <= 0) break;
    left -= Number(count);
    for (const line of unpack({ encoding: Number(encoding), payload: Buffer.from(payload as Uint8Array) })) {
      const call = callIn(line);
      if (call && call.at >= from && call.at <= to) calls.push(known(call));
    }
  }
  return calls;
}

/** A line that cannot be read was told of when it went into the tables. */
function callIn(line: string): CallRecord | undefined {
  try {
    const event = decodeLine(line);
    return event.type === 'call' ? event : undefined;
  } catch {
    return undefined;
  }
}

const known = ({ id, at, requestModel, flags, annotations, attempts }: CallRecord): KnownCall => ({
  id,
  at,
  requestModel,
  flags,
  annotations: annotations?.trace === undefined ? {} : { trace: annotations.trace },
  attempts: attempts.map(({ responseId }) => ({ responseId })),
});
