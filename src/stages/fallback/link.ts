import type { Closable } from '../../core/pipeline.ts';

/** A client's end of its own, which closes with the client's, or when it is closed. */
export class Link implements Closable {
  readonly #parent: Closable | undefined;
  readonly #listeners = new Set<() => void>();
  #closed = false;

  /** Without a parent it is closed by hand only. */
  constructor(parent: Closable | undefined) {
    this.#parent = parent;
  }

  get closed(): boolean {
    return this.#closed || (this.#parent?.closed ?? false);
  }

  onClose(listener: () => void): () => void {
    let isCalled = false;
    const once = (): void => {
      if (isCalled) return;
      isCalled = true;
      listener();
    };
    if (this.#closed) {
      once();
      return () => {};
    }
    this.#listeners.add(once);
    const stop = this.#parent?.onClose(once);
    return () => {
      this.#listeners.delete(once);
      stop?.();
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
