import type { Bytes } from '../core/json.ts';
import { Held, type OnEvent, type Splitter } from './splitter.ts';

const LF = 0x0a;
const nothing: Bytes = Buffer.alloc(0);

/** One JSON value a line. */
export function ndjsonSplitter(onEvent: OnEvent, maxEventBytes: number): Splitter {
  const held = new Held(maxEventBytes);
  const give = (line: Bytes | undefined): void => {
    if (line && line.length > 0) onEvent(line);
  };
  return {
    get skipped() {
      return held.skipped;
    },
    write(chunk, quiet = false) {
      let start = 0;
      for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
        if (!quiet || !held.empty) give(held.take(chunk.subarray(start, end)));
        start = end + 1;
      }
      if (start < chunk.length) held.add(chunk.subarray(start));
    },
    end: () => give(held.take(nothing)),
  };
}
