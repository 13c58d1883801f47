import type { Bytes } from '../core/json.ts';
import { Kept } from './kept.ts';

/** Cuts a stream into its events, wherever its chunks break, and gives out the JSON text of each. Never throws. */
export interface Splitter {
  /** Events left out because they were larger than the limit. */
  readonly skipped: number;
  /** `quiet`: nothing in the chunk is of interest, so events that lie wholly inside it need not be given out. */
  write(chunk: Bytes, quiet?: boolean): void;
  /** The stream is over: an event that lacks only its closing mark is given out. */
  end(): void;
}

export type OnEvent = (json: Bytes) => void;

/** Collects one event whose bytes come in several chunks, up to a limit. */
export class Held {
  readonly #limit: number;
  readonly #kept: Kept;
  skipped = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
    this.#kept = new Kept(limitBytes);
  }

  get empty(): boolean {
    return this.#kept.size === 0;
  }

  add(piece: Bytes): void {
    this.#kept.add(piece);
  }

  /** The event with its last piece; `undefined` when it was too large. */
  take(last: Bytes): Bytes | undefined {
    if (this.empty && last.length <= this.#limit) return last;
    this.#kept.add(last);
    const { over } = this.#kept;
    const event = over ? undefined : this.#kept.bytes();
    if (over) this.skipped++;
    this.#kept.clear();
    return event;
  }
}
