import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Bytes } from '../../core/json.ts';

/** Longer lines are passed over and counted. */
export const maxLineBytes = 64 * 1024 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly bytes: Bytes;
}

export interface LineOptions {
  /** Bytes read from the file so far, packed ones as they are. */
  readonly onBytes?: (bytes: number) => void;
  /** A line that was longer than `maxLineBytes`. */
  readonly onTooLong?: (number: number) => void;
  readonly limitBytes?: number;
}

const newline = 10;

/** The lines of a file, or of a stream, gzipped or not; no more than one of them is held. */
export async function* linesOf(from: string | Readable, options: LineOptions = {}): AsyncGenerator<Line> {
  const { onTooLong, limitBytes = maxLineBytes } = options;
  let pending: Bytes[] = [];
  let size = 0;
  let number = 1;
  const take = (end: Bytes): Line | undefined => {
    const isTooLong = size + end.length > limitBytes;
    if (isTooLong) onTooLong?.(number);
    const bytes = pending.length === 0 ? end : Buffer.concat([...pending, end]);
    pending = [];
    size = 0;
    number += 1;
    return isTooLong || bytes.length === 0 ? undefined : { number: number - 1, bytes };
  };
  for await (const chunk of plainBytes(from, options)) {
    let start = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
      const line = take(chunk.subarray(start, at));
      start = at + 1;
      if (line) yield line;
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size <= limitBytes) pending.push(rest);
    else pending = [];
  }
  const last = take(Buffer.alloc(0));
  if (last) yield last;
}

const gzipMagic = [0x1f, 0x8b];
const chunkBytes = 1 << 18;

/** The bytes, unpacked when they begin as gzip does. */
async function* plainBytes(from: string | Readable, { onBytes }: LineOptions): AsyncGenerator<Bytes> {
  const source = typeof from === 'string' ? createReadStream(from, { highWaterMark: chunkBytes }) : from;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Bytes | string>;
  const counted = async function* (first: Bytes): AsyncGenerator<Bytes> {
    for (let chunk: Bytes | undefined = first; chunk;) {
      onBytes?.(chunk.length);
      yield chunk;
      const next = await chunks.next();
      chunk = next.done ? undefined : bufferOf(next.value);
    }
  };
  const first = await chunks.next();
  if (first.done) return;
  const head = bufferOf(first.value);
  const isPacked = head[0] === gzipMagic[0] && head[1] === gzipMagic[1];
  yield* isPacked ? unpacked(counted(head)) : counted(head);
}

function unpacked(chunks: AsyncIterable<Bytes>): AsyncIterable<Bytes> {
  const gunzip = createGunzip();
  const packed = Readable.from(chunks);
  packed.once('error', (error) => gunzip.destroy(error));
  return packed.pipe(gunzip);
}

const bufferOf = (chunk: Bytes | string): Bytes => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
