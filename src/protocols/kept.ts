import type { Bytes } from '../core/json.ts';

/** This many small pieces are joined into one, so that a reply that drips in does not cost an object a byte. */
const maxLoosePieces = 1024;

/** The first bytes of something that comes in pieces, up to a limit, by reference as long as it can. */
export class Kept {
  readonly #limit: number;
  #blocks: Bytes[] = [];
  #loose: Bytes[] = [];
  #size = 0;
  /** More came than the limit allows; it is not kept. */
  over = false;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get size(): number {
    return this.#size;
  }

  add(piece: Bytes): void {
    const room = this.#limit - this.#size;
    if (piece.length > room) this.over = true;
    if (room === 0 || piece.length === 0) return;
    this.#loose.push(piece.length > room ? piece.subarray(0, room) : piece);
    this.#size += Math.min(piece.length, room);
    if (this.#loose.length < maxLoosePieces) return;
    this.#blocks.push(Buffer.concat(this.#loose));
    this.#loose = [];
  }

  /** All of it in one piece: the only piece itself when there is one. */
  bytes(): Bytes {
    if (this.#loose.length === 1 && this.#blocks.length === 0) return this.#loose[0]!;
    const pieces = [...this.#blocks, ...this.#loose];
    return Buffer.concat(pieces, this.#size);
  }

  clear(): void {
    this.#blocks = [];
    this.#loose = [];
    this.#size = 0;
    this.over = false;
  }
}
