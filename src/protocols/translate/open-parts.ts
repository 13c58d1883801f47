import type { Delta, OpenedPart } from '../../core/canonical/reply-event.ts';
import type { Emit } from './reply-frame.ts';

interface Open {
  readonly index: number;
  readonly key: string;
}

/** Opens and ends the parts of a reply for decoders whose API does not say where they begin and end: one open part a candidate, indexes that rise. */
export class OpenParts {
  readonly #emit: Emit;
  readonly #open = new Map<number, Open>();
  readonly #seen = new Set<string>();
  #next = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Whether a part of this key was opened before, and has ended. */
  isOver(candidate: number, key: string): boolean {
    return this.#seen.has(`${candidate} ${key}`) && !this.isOpen(candidate, key);
  }

  isOpen(candidate: number, key: string): boolean {
    return this.#open.get(candidate)?.key === key;
  }

  /** Begins a part, ending the one before. `key` tells its deltas from those of another. */
  begin(candidate: number, key: string, part: OpenedPart): void {
    this.close(candidate);
    const index = this.#next++;
    this.#open.set(candidate, { index, key });
    this.#seen.add(`${candidate} ${key}`);
    this.#emit({ type: 'part-start', index, candidate, part });
  }

  /** More of a part; it is begun when it is not the open one. */
  add(candidate: number, key: string, delta: Delta, part: OpenedPart): void {
    if (!this.isOpen(candidate, key)) this.begin(candidate, key, part);
    this.#emit({ type: 'part-delta', index: this.#open.get(candidate)!.index, delta });
  }

  /** A part that comes whole. */
  whole(candidate: number, part: OpenedPart): void {
    this.begin(candidate, '', part);
    this.close(candidate);
  }

  close(candidate: number): void {
    const open = this.#open.get(candidate);
    if (!open) return;
    this.#open.delete(candidate);
    this.#emit({ type: 'part-end', index: open.index });
  }
}
