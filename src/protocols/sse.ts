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
  const nextReturn = returns();
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
      const end = lineEnd(chunk, at, nextReturn(chunk, at));
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

/** A lone CR ends a line too; JSON escapes it inside strings, so there is hardly ever one, and each chunk is searched for it once. */
function returns(): (chunk: Bytes, from: number) => number {
  let searched: Bytes | undefined;
  let next = 0;
  return (chunk, from) => {
    if (chunk !== searched || next < from) {
      searched = chunk;
      const found = chunk.indexOf(CR, from);
      next = found === -1 ? chunk.length : found;
    }
    return next;
  };
}

function lineEnd(bytes: Bytes, from: number, nextReturn: number): number {
  const feed = bytes.indexOf(LF, from);
  return Math.min(feed === -1 ? bytes.length : feed, nextReturn);
}

/** Events of a `text/event-stream`. */
export function sseSplitter(onEvent: OnEvent, maxEventBytes: number): Splitter {
  const held = new Held(maxEventBytes);
  const endOf = eventEnds();
  const give = (event: Bytes | undefined): void => {
    const data = event && eventData(event);
    if (data) onEvent(data);
  };
  return {
    get idle() {
      return held.empty;
    },
    get skipped() {
      return held.skipped;
    },
    write(chunk, quiet = false) {
      let start = 0;
      for (let end = endOf(chunk, start); end !== -1; end = endOf(chunk, start)) {
        if (!quiet || !held.empty) give(held.take(chunk.subarray(start, end)));
        start = end;
      }
      if (start < chunk.length) held.add(chunk.subarray(start));
    },
    end: () => give(held.take(nothing)),
  };
}

/** The `data` lines of an event, joined; `undefined` for comments and events without data. */
export function eventData(event: Bytes): Bytes | undefined {
  let data: Bytes | undefined;
  const nextReturn = returns();
  // A byte order mark can only stand before the first event; no line of another begins with that byte.
  for (let at = event[0] === 0xef ? 3 : 0; at < event.length;) {
    const end = lineEnd(event, at, nextReturn(event, at));
    const line = dataOf(event, at, end);
    if (line) data = data ? Buffer.concat([data, newline, line]) : line;
    at = end + (event[end] === CR && event[end + 1] === LF ? 2 : 1);
  }
  return data;
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
