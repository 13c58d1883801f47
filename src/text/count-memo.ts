/** Counts made before, by key; the latest `max` of them. */
export class CountMemo {
  readonly #counts = new Map<string, number>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#counts.size;
  }

  /** The count under `key`; made and kept when it is missing. */
  get(key: string, make: () => number): number {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const count = make();
    if (this.#counts.size >= this.#max) this.#counts.delete(this.#counts.keys().next().value!);
    this.#counts.set(key, count);
    return count;
  }
}
