import type { Body } from './body.ts';
import type { Bytes } from './json.ts';
import { memoryFor, scanInstance, type ScanExports } from './scan-instance.ts';

/** Finds where strings and nested values end, in the body it was last given. Both answer -1 when the body ends first. */
export interface Ends {
  /** The body in one piece. Only until the next scan. */
  readonly view: Bytes;
  /** `at`: inside a string, outside an escape. Returns the index after the closing quote. */
  stringEnd(at: number): number;
  /** `at`: an opening brace or bracket. Returns the index after its closing one; -2 when nesting goes beyond `maxDepth`. */
  nestedEnd(at: number, maxDepth: number): number;
}

/**
 * Bodies up to this length are copied into the module's memory, which never shrinks and joins their chunks. Longer ones hold images and files: a few long
 * strings, which `indexOf` crosses as fast.
 */
export const maxCopiedBytes = 4 << 20;

/** Sixteen bytes at a time. Holds one body: a scan runs to its end before the next begins. */
class WasmEnds implements Ends {
  readonly #exports: ScanExports;
  #bytes: Bytes;
  #length = 0;
  view: Bytes;

  constructor() {
    this.#exports = scanInstance();
    this.#bytes = this.view = Buffer.from(this.#exports.memory.buffer);
  }

  load({ chunks, length }: Body): this {
    this.#bytes = memoryFor(this.#exports, this.#bytes, length);
    let at = 0;
    for (const chunk of chunks) {
      this.#bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#length = length;
    this.view = this.#bytes.subarray(0, length);
    return this;
  }

  stringEnd(at: number): number {
    return this.#exports.stringEnd(at, this.#length);
  }

  nestedEnd(at: number, maxDepth: number): number {
    return this.#exports.nestedEnd(at, this.#length, maxDepth);
  }
}

const QUOTE = 34;
const BACKSLASH = 92;

/** From quote to quote with `indexOf`, on the body itself. */
export class PlainEnds implements Ends {
  readonly view: Bytes;

  constructor(json: Bytes) {
    this.view = json;
  }

  stringEnd(from: number): number {
    for (let at = from; ; at += 1) {
      at = this.view.indexOf(QUOTE, at);
      if (at === -1) return -1;
      if (this.#closes(at, from)) return at + 1;
    }
  }

  nestedEnd(from: number, maxDepth: number): number {
    let depth = 0;
    for (let at = from; at !== -1 && at < this.view.length;) {
      const byte = this.view[at]!;
      at += 1;
      if (byte === QUOTE) at = this.stringEnd(at);
      else if ((byte | 32) === 123 && ++depth > maxDepth) return -2;
      else if ((byte | 32) === 125 && --depth === 0) return at;
    }
    return -1;
  }

  /** A quote closes its string when an even number of backslashes stands before it. */
  #closes(quote: number, from: number): boolean {
    let slashes = 0;
    while (quote - 1 - slashes >= from && this.view[quote - 1 - slashes] === BACKSLASH) slashes += 1;
    return slashes % 2 === 0;
  }
}

let shared: WasmEnds | undefined;

/** For one scan of `body`, which must end before the next begins. */
export function endsIn(body: Body): Ends {
  if (body.length > maxCopiedBytes) return new PlainEnds(body.whole);
  shared ??= new WasmEnds();
  return shared.load(body);
}
