/**
 * Two of the same, of which the young one takes all that is new until it has half of the limit, and is the old one from then on: what was
 * told last is known, at least half of `limit` and at most `limit`, in constant time. To look for the oldest entry of one map takes as long
 * as many have been deleted before it.
 */
export class Generations<G extends { readonly size: number }> {
  readonly #half: number;
  readonly #make: () => G;
  readonly #now: () => number;
  #youngSinceMs: number;
  #sinceMs = 0;
  young: G;
  old: G;

  /** `now`: ms, of the clock that `sinceMs` is wanted by. */
  constructor(limit: number, make: () => G, now: () => number = Date.now) {
    this.#half = Math.max(1, Math.floor(limit / 2));
    this.#make = make;
    this.#now = now;
    this.young = make();
    this.old = make();
    this.#youngSinceMs = now();
  }

  /** Where something new has room: the young one, another one when it is full. */
  room(): G {
    if (this.young.size < this.#half) return this.young;
    if (this.old.size > 0) this.#sinceMs = this.#youngSinceMs;
    this.old = this.young;
    this.young = this.#make();
    this.#youngSinceMs = this.#now();
    return this.young;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  /** Everything told since then is known; 0 while nothing was forgotten. */
  get sinceMs(): number {
    return this.#sinceMs;
  }
}
