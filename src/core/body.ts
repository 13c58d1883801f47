import type { Bytes } from './json.ts';

const nothing: Bytes = Buffer.alloc(0);

/** A body in the chunks it came in. Joining them costs a large body more than scanning it, so that is done only for who needs one piece. */
export class Body {
  readonly chunks: readonly Bytes[];
  readonly length: number;
  #whole: Bytes | undefined;

  constructor(chunks: readonly Bytes[]) {
    this.chunks = chunks;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    this.length = length;
  }

  /** In one piece; the very chunk when there is only one. */
  get whole(): Bytes {
    this.#whole ??= this.chunks.length > 1 ? Buffer.concat(this.chunks) : (this.chunks[0] ?? nothing);
    return this.#whole;
  }

  /** The bytes from `from` to `to`, copied only when they lie in several chunks. */
  slice(from: number, to: number): Bytes {
    const pieces = this.pieces(from, to);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** The same as views of the chunks. */
  pieces(from: number, to: number): readonly Bytes[] {
    if (this.chunks.length === 1) return [this.chunks[0]!.subarray(from, to)];
    const pieces: Bytes[] = [];
    let start = 0;
    for (const chunk of this.chunks) {
      const end = start + chunk.length;
      if (end > from && start < to) pieces.push(chunk.subarray(Math.max(0, from - start), to - start));
      start = end;
    }
    return pieces;
  }
}
