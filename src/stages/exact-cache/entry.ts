import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Bytes } from '../../core/json.ts';
import type { Attempt } from '../../core/record.ts';
import type { ReplyHead, ServedBy } from '../../core/reply.ts';
import type { UsageReport } from '../../core/usage.ts';

/** What a reply cost when it was made, to tell what another copy saves. */
export interface Used extends Pick<Attempt, 'model' | 'responseId' | 'finishReason' | 'served'> {
  readonly servedBy: Omit<ServedBy, 'kind'>;
  readonly usage: UsageReport | undefined;
}

/** A whole reply, as the client of its first call got it. */
export interface Entry {
  /** Epoch ms. */
  readonly storedAt: number;
  readonly head: ReplyHead;
  readonly used: Used;
  /** Bytes of each chunk of a stream, and ms since the first; empty: in one piece. */
  readonly pieces: readonly (readonly [bytes: number, afterMs: number])[];
  readonly body: Bytes;
}

const magic = Buffer.from('MRC1');
const sealBytes = 32;
const headStart = magic.length + sealBytes + 4;

/** Room an entry takes beside its body, about; a head is larger only for streams of very many chunks. */
const entryOverheadBytes = 4096;
const bytesOfPiece = 64;

/** What an opened entry takes in memory. */
export const openBytes = ({ body, pieces }: Entry): number => body.length + entryOverheadBytes + pieces.length * bytesOfPiece;

/** The bytes to store: sealed, so that what was changed, cut or put under another key is not taken for a reply. */
export function encodeEntry({ body, ...about }: Entry, key: string, secret: string): Bytes {
  const head = Buffer.from(JSON.stringify(about));
  const headLength = Buffer.alloc(4);
  headLength.writeUInt32BE(head.length);
  const sealed = Buffer.concat([headLength, head, body]);
  return Buffer.concat([magic, seal(sealed, key, secret), sealed]);
}

/** `undefined` for whatever is not, to the last bit, an entry of this key. */
export function decodeEntry(stored: Uint8Array, key: string, secret: string): Entry | undefined {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes.length < headStart || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const sealed = bytes.subarray(magic.length + sealBytes);
  if (!timingSafeEqual(bytes.subarray(magic.length, magic.length + sealBytes), seal(sealed, key, secret))) return undefined;
  const end = headStart + sealed.readUInt32BE(0);
  return { ...(JSON.parse(bytes.toString('utf8', headStart, end)) as Omit<Entry, 'body'>), body: bytes.subarray(end) };
}

const seal = (sealed: Bytes, key: string, secret: string): Bytes => createHmac('sha256', secret).update(key).update(sealed).digest();
