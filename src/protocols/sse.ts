import type { Bytes } from '../core/json.ts';
import { Held, type OnEvent, type Splitter } from './splitter.ts';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const nothing: Bytes = Buffer.alloc(0);

/**
 * Finds where server-sent events end in a stream of chunks: behind a blank line. Lines end with LF, CR or CRLF.
 * A CR at the very end of a chunk may be half a CRLF, so it closes its line only when the next byte is known.
 */
export function eventEnds(): (chunk: Bytes, from: number) => number {
  let lineIsEmpty = false;
  let half = false;
  const lineEnd = lineEnds();
  const closeLine = (): boolean => {
    const blank = lineIsEmpty;
    lineIsEmpty = !blank;
    return blank;
  };
  return (chunk, from) => {
    let at = from;
    if (half && at < chunk.length) {
      half = false;
      if (chunk[at] === LF) at++;
      if (closeLine()) return at;
    }
    while (at < chunk.length) {
      const end = lineEnd(chunk, at);
      if (end > at) lineIsEmpty = false;
      if (end === chunk.length) return -1;
      if (chunk[end] === CR && end + 1 === chunk.length) {
        half = true;
        return -1;
      }
      at = end + (chunk[end] === CR && chunk[end + 1] === LF ? 2 : 1);
      if (closeLine()) return at;
    }
    return -1;
  };
}

/** Where lines end: at the next LF or CR. Each is searched for once and remembered, so that a rare one does not cost a search a line. */
function lineEnds(): (bytes: Bytes, from: number) => number {
  const nextFeed = next(LF);
  const nextReturn = next(CR);
  return (bytes, from) => Math.min(nextFeed(bytes, from), nextReturn(bytes, from));
}

/** Finds a byte at or behind a place; the length when there is none. */
function next(byte: number): (bytes: Bytes, from: number) => number {
  let searched: Bytes | undefined;
  let found = 0;
  let last = 0;
  return (bytes, from) => {
    const again = from < last; // the same buffer was written twice
    last = from;
    if (bytes !== searched || found < from || again) {
      searched = bytes;
      const at = bytes.indexOf(byte, from);
      found = at === -1 ? bytes.length : at;
    }
    return found;
  };
}

export interface SseSplitter extends Splitter {
  /** Bytes of an event wait for its end. */
  readonly waits: boolean;
}

/** Events of a `text/event-stream`. */
export const sseSplitter = (onEvent: OnEvent, maxEventBytes: number): SseSplitter => new SseEvents(onEvent, maxEventBytes);

/** A class: V8 keeps the getter of an object literal, and all that it sees of a reply, until the next large collection. */
class SseEvents implements SseSplitter {
  readonly #onEvent: OnEvent;
  readonly #held: Held;
  readonly #endOf = eventEnds();

  constructor(onEvent: OnEvent, maxEventBytes: number) {
    this.#onEvent = onEvent;
    this.#held = new Held(maxEventBytes);
  }

  get skipped(): number {
    return this.#held.skipped;
  }

  get waits(): boolean {
    return !this.#held.empty;
  }

  write(chunk: Bytes, quiet = false): void {
    const held = this.#held;
    if (quiet && held.empty && endsEvent(chunk)) return; // the common case: whole events that tell nothing
    let start = 0;
    for (let end = this.#endOf(chunk, start); end !== -1; end = this.#endOf(chunk, start)) {
      if (!quiet || !held.empty) this.#give(held.take(chunk.subarray(start, end)));
      start = end;
    }
    if (start < chunk.length) held.add(chunk.subarray(start));
  }

  end(): void {
    this.#give(this.#held.take(nothing));
  }

  #give(event: Bytes | undefined): void {
    const data = event && eventData(event);
    if (data) this.#onEvent(data);
  }
}

/** Whether a chunk ends with an event and its blank line. */
export function endsEvent(chunk: Bytes): boolean {
  const at = chunk.length - 1;
  return chunk[at] === LF && chunk[at - 1] === LF;
}

/** The `data` lines of an event, joined; `undefined` for comments and events without data. */
export function eventData(event: Bytes): Bytes | undefined {
  let data: Bytes | undefined;
  const lineEnd = event.includes(CR) ? lineEnds() : feedAt;
  // A byte order mark can only stand before the first event; no line of another begins with that byte.
  for (let at = event[0] === 0xef ? 3 : 0; at < event.length;) {
    const end = lineEnd(event, at);
    const line = dataOf(event, at, end);
    if (line) data = data ? Buffer.concat([data, newline, line]) : line;
    at = end + (event[end] === CR && event[end + 1] === LF ? 2 : 1);
  }
  return data;
}

/** The end of a line where all end with LF. */
function feedAt(bytes: Bytes, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at === -1 ? bytes.length : at;
}

const newline: Bytes = Buffer.from('\n');

/** The value of the line from `at` to `end` when it is a `data` line. */
function dataOf(event: Bytes, at: number, end: number): Bytes | undefined {
  // "data:"
  if (event[at] !== 0x64 || event[at + 1] !== 0x61 || event[at + 2] !== 0x74 || event[at + 3] !== 0x61 || event[at + 4] !== 0x3a)
    return undefined;
  const from = event[at + 5] === SPACE ? at + 6 : at + 5;
  return event.subarray(Math.min(from, end), end);
}
