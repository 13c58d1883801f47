import { Held, type OnEvent, type Splitter } from './splitter.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The objects of one JSON list that arrives bit by bit: Google's `streamGenerateContent` without `alt=sse`. */
export function jsonListSplitter(onEvent: OnEvent, maxEventBytes: number): Splitter {
  const held = new Held(maxEventBytes);
  let depth = 0; // of objects; the list itself is not counted
  let inString = false;
  let escaped = false;
  const insideString = (byte: number): void => {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) inString = false;
  };
  /** Whether `byte` opens (1) or closes (-1) an element of the list. */
  const turn = (byte: number): -1 | 0 | 1 => {
    if (inString) insideString(byte);
    else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b) return depth++ === 0 ? 1 : 0;
    else if (byte === 0x7d && depth > 0) return --depth === 0 ? -1 : 0;
    return 0;
  };
  return {
    get skipped() {
      return held.skipped;
    },
    write(chunk) {
      let start = depth > 0 ? 0 : chunk.length;
      for (let at = 0; at < chunk.length; at++) {
        const turned = turn(chunk[at]!);
        if (turned === 1) start = at;
        if (turned === -1) {
          const event = held.take(chunk.subarray(start, at + 1));
          if (event) onEvent(event);
          start = chunk.length;
        }
      }
      if (depth > 0) held.add(chunk.subarray(start));
    },
    end() {},
  };
}
