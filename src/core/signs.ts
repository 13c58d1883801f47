import type { Bytes } from './json.ts';
import { isSpace } from './json-space.ts';
import { memoryFor, scanInstance, type ScanExports } from './scan-instance.ts';

/** A member of a JSON object that tells something: its key, of at least four ASCII characters, and how its value begins. */
export interface Sign {
  readonly key: string;
  /** One of these; white space may stand before it. */
  readonly begins: readonly string[];
}

/** More keys would need another loop over the bytes. */
export const maxSigns = 4;
/** More bytes at a time are not copied: such events are few, and count as if each had a sign. */
export const maxSearchedBytes = 1 << 20;

/** Words are loaded four bytes back. */
const start = 16;
const QUOTE = 34;
const done = Buffer.from('[DONE]');

interface Compiled {
  /** With its quotes and colon. */
  readonly key: Bytes;
  readonly begins: readonly Bytes[];
}

/** One memory for all: a search runs to its end before the next begins. */
let exports: ScanExports | undefined;
let memory: Bytes = Buffer.alloc(0);

/**
 * Finds members of JSON objects, and `[DONE]`, in bytes of many small events, without cutting them or making strings of them: inside a JSON string
 * quotes are escaped, so what looks like a key is one.
 */
export class Signs {
  readonly #signs: readonly Compiled[];
  readonly #words: readonly number[];

  constructor(signs: readonly Sign[]) {
    if (signs.length > maxSigns) throw new RangeError(`at most ${maxSigns} signs`);
    this.#signs = signs.map(({ key, begins }) => ({ key: Buffer.from(`"${key}":`), begins: begins.map((text) => Buffer.from(text)) }));
    this.#words = Array.from({ length: maxSigns }, (_, index) => wordOf(signs[index] ?? signs[0]!));
  }

  /** Whether there is one. */
  in(bytes: Bytes): boolean {
    if (bytes.length > maxSearchedBytes) return true;
    reserve(bytes.length);
    memory.set(bytes, start);
    return this.#next(start, start + bytes.length) !== -1;
  }

  /** Which of the chunks hold one, or the key of one, by index in order. A value that begins in another chunk than its key may be overlooked. */
  chunksWith(chunks: readonly Bytes[]): readonly number[] {
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    if (length > maxSearchedBytes) return chunks.map((_, index) => index);
    reserve(length);
    let end = start;
    for (const chunk of chunks) {
      memory.set(chunk, end);
      end += chunk.length;
    }
    return this.#chunksIn(chunks, end);
  }

  #chunksIn(chunks: readonly Bytes[], end: number): readonly number[] {
    const found: number[] = [];
    let index = 0;
    let chunkEnd = start + (chunks[0]?.length ?? 0);
    for (let at = this.#next(start, end); at !== -1; at = this.#next(chunkEnd, end)) {
      while (chunkEnd <= at) chunkEnd += chunks[(index += 1)]!.length;
      found.push(index);
    }
    return found;
  }

  /** Where the next one stands, by the quote that ends its key; -1: nowhere. */
  #next(from: number, end: number): number {
    const [a, b, c, d] = this.#words as [number, number, number, number];
    for (let at = exports!.nextSign(from, end, a, b, c, d); at !== -1; at = exports!.nextSign(at + 1, end, a, b, c, d))
      if (this.#stands(at, end)) return at;
    return -1;
  }

  #stands(at: number, end: number): boolean {
    if (memory[at] !== QUOTE) return begins(done, at, end);
    for (const sign of this.#signs) if (isAt(sign, at, end)) return true;
    return false;
  }
}

function isAt({ key, begins: values }: Compiled, quote: number, end: number): boolean {
  const from = quote + 2 - key.length;
  if (from < start || !begins(key, from, end)) return false;
  let at = quote + 2;
  while (at < end && isSpace(memory[at])) at += 1;
  for (const value of values) if (begins(value, at, end)) return true;
  return false;
}

function begins(text: Bytes, at: number, end: number): boolean {
  if (at + text.length > end) return false;
  for (let index = 0; index < text.length; index += 1) if (memory[at + index] !== text[index]) return false;
  return true;
}

function reserve(length: number): void {
  exports ??= scanInstance();
  memory = memoryFor(exports, memory.length === 0 ? Buffer.from(exports.memory.buffer) : memory, start + length);
}

/** The last four characters of a key, as they are loaded from memory. */
const wordOf = ({ key }: Sign): number => Buffer.from(key.slice(-4)).readInt32LE();
