import { Generations } from '../core/generations.ts';

/**
 * Remembers the last ids it was told, at least half of `limit` and at most `limit` of them. Telling costs next to nothing: every call does
 * so, and mostly nobody ever asks. Who asks pays for what was told since the last question.
 */
export class RecentIds {
  readonly #told: Generations<Indexed>;

  /** `now`: epoch ms. */
  constructor(limit: number, now: () => number = Date.now) {
    this.#told = new Generations(limit, () => new Indexed(), now);
  }

  /** An id told twice counts twice. */
  add(id: string): void {
    this.#told.room().ids.push(id);
  }

  has(id: string): boolean {
    return this.#told.young.has(id) || this.#told.old.has(id);
  }

  get size(): number {
    return this.#told.size;
  }

  /** Everything told since then is known; 0 while nothing was forgotten. */
  get sinceMs(): number {
    return this.#told.sinceMs;
  }
}

/** A list that is searched by a set, which is made when somebody asks. */
class Indexed {
  readonly ids: string[] = [];
  readonly #set = new Set<string>();
  #indexed = 0;

  get size(): number {
    return this.ids.length;
  }

  has(id: string): boolean {
    for (; this.#indexed < this.ids.length; this.#indexed += 1) this.#set.add(this.ids[this.#indexed]!);
    return this.#set.has(id);
  }
}
