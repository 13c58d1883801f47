/** The latest `max` values by key. */
export class Memory<T> {
  readonly #values = new Map<string, T>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    this.#values.delete(key);
    if (this.#values.size >= this.#max) this.#values.delete(this.#values.keys().next().value!);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** The oldest first. */
  values(): Iterable<T> {
    return this.#values.values();
  }

  clear(): void {
    this.#values.clear();
  }
}
