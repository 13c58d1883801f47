/** What is remembered of batches, so that their results are metered once and found again at their provider. Bounded: the oldest goes first. */
export interface BatchMemory {
  /** Results that were read to their end, by where they were read. */
  readonly read: Remembered<true>;
  /** Names of providers by the id of a batch, where it is not the one of its family. */
  readonly providers: Remembered<string>;
}

/** Batches, and files of results, remembered at most. */
export const maxRemembered = 10_000;

export const createBatchMemory = (): BatchMemory => ({ read: new Remembered(), providers: new Remembered() });

export class Remembered<T> {
  readonly #values = new Map<string, T>();

  get size(): number {
    return this.#values.size;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    this.#values.delete(key);
    if (this.#values.size >= maxRemembered) this.#values.delete(this.#values.keys().next().value!);
    this.#values.set(key, value);
  }
}
