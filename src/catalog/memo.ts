/** Remembers what `make` gave, for the last `limit` to twice `limit` keys used. A hit costs one look-up. */
export class Memo<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  readonly #make: (key: string) => V;
  readonly #limit: number;

  constructor(limit: number, make: (key: string) => V) {
    this.#limit = limit;
    this.#make = make;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): V {
    const known = this.#young.get(key);
    return known === undefined ? this.#admit(key) : known;
  }

  /** Keys not asked for during a whole generation are dropped with it. */
  #admit(key: string): V {
    const value = this.#old.get(key) ?? this.#make(key);
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }
}
