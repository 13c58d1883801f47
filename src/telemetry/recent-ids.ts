/**
 * Remembers the last ids it was told, at least half of `limit` and at most `limit` of them. Telling costs next to nothing: every call does
 * so, and mostly nobody ever asks. Who asks pays for what was told since the last question.
 */
export class RecentIds {
  readonly #half: number;
  readonly #now: () => number;
  #young = new Indexed();
  #old = new Indexed();
  #youngSinceMs: number;
  #sinceMs = 0;

  /** `now`: epoch ms. */
  constructor(limit: number, now: () => number = Date.now) {
    this.#half = Math.max(1, Math.floor(limit / 2));
    this.#now = now;
    this.#youngSinceMs = now();
  }

  /** An id told twice counts twice. */
  add(id: string): void {
    if (this.#young.ids.length >= this.#half) {
      if (this.#old.ids.length > 0) this.#sinceMs = this.#youngSinceMs;
      this.#old = this.#young;
      this.#young = new Indexed();
      this.#youngSinceMs = this.#now();
    }
    this.#young.ids.push(id);
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  get size(): number {
    return this.#young.ids.length + this.#old.ids.length;
  }

  /** Everything told since then is known; 0 while nothing was forgotten. */
  get sinceMs(): number {
    return this.#sinceMs;
  }
}

/** A list that is searched by a set, which is made when somebody asks. */
class Indexed {
  readonly ids: string[] = [];
  readonly #set = new Set<string>();
  #indexed = 0;

  has(id: string): boolean {
    for (; this.#indexed < this.ids.length; this.#indexed += 1) this.#set.add(this.ids[this.#indexed]!);
    return this.#set.has(id);
  }
}
