import type { Closable } from '../../core/pipeline.ts';

/** How many want something; closed for good when the last of them has left. */
export class Interest implements Closable {
  readonly #over: () => void;
  readonly #listeners = new Set<() => void>();
  #count = 0;
  #isClosed = false;

  constructor(over: () => void) {
    this.#over = over;
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  onClose(listener: () => void): () => void {
    if (this.#isClosed) listener();
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** One more; returns how to leave, which counts once. */
  enter(): () => void {
    this.#count += 1;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#count -= 1;
      if (this.#count === 0) this.#close();
    };
  }

  #close(): void {
    this.#isClosed = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
    this.#over();
  }
}
