/** Remembers the last things it was told, at least half of `limit` and at most `limit` of them, in constant time. */
export class Recent<V = true> {
  readonly #half: number;
  readonly #now: () => number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #youngSinceMs: number;
  #sinceMs = 0;

  /** `now`: epoch ms. */
  constructor(limit: number, now: () => number = Date.now) {
    this.#half = Math.max(1, Math.floor(limit / 2));
    this.#now = now;
    this.#youngSinceMs = now();
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      if (this.#old.size > 0) this.#sinceMs = this.#youngSinceMs;
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSinceMs = this.#now();
    }
    this.#young.set(key, value);
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Everything told since then is known; 0 while nothing was forgotten. */
  get sinceMs(): number {
    return this.#sinceMs;
  }
}
