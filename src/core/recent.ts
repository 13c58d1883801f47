import { Generations } from './generations.ts';

/** Remembers the last things it was told, at least half of `limit` and at most `limit` of them, in constant time. */
export class Recent<K, V = true> {
  readonly #told: Generations<Map<K, V>>;

  /** `now`: ms, of the clock that `sinceMs` is wanted by. */
  constructor(limit: number, now: () => number = Date.now) {
    this.#told = new Generations(limit, () => new Map<K, V>(), now);
  }

  set(key: K, value: V): void {
    const { young } = this.#told;
    (young.has(key) ? young : this.#told.room()).set(key, value);
  }

  get(key: K): V | undefined {
    const { young, old } = this.#told;
    return young.get(key) ?? old.get(key);
  }

  has(key: K): boolean {
    return this.#told.young.has(key) || this.#told.old.has(key);
  }

  get size(): number {
    return this.#told.size;
  }

  /** Everything told since then is known; 0 while nothing was forgotten. */
  get sinceMs(): number {
    return this.#told.sinceMs;
  }
}
