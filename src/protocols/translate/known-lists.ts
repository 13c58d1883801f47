import type { Bytes, Json } from '../../core/json.ts';
import { SizedMap } from '../../core/sized-map.ts';

/** A shorter list is parsed in less time than it is looked up. */
export const minKnownBytes = 256;
/** Bytes of one list, and of all lists that are known, at most: as an object a list takes about four times as much, and as much again with each API that it is written in. */
export const maxKnownListBytes = 256 << 10;
export const maxKnownBytes = 4 << 20;

/** A character that held texts are told by, written out. */
export const escapedDelete = /\\u007[fF]/;

/** What was made of known lists, by who made it: goes with the list. */
const madeOf = new WeakMap<readonly unknown[], Map<unknown, unknown>>();

/**
 * Lists that come again and again with the same bytes, as the tools of an agent do with each call: each is parsed once. Nobody may change one.
 * Bounded: the one that came in first goes first.
 */
export class KnownLists {
  readonly #lists = new SizedMap<readonly Json[]>({ maxBytes: maxKnownBytes });

  get size(): number {
    return this.#lists.size;
  }

  /** The value of a JSON list; `undefined` for anything else, for what is too short or too long to be known, and with a delete character. @throws {SyntaxError} */
  of(json: Bytes): readonly Json[] | undefined {
    if (json.length < minKnownBytes || json.length > maxKnownListBytes) return undefined;
    const key = json.toString('latin1');
    return this.#lists.peek(key) ?? this.#learn(key, json);
  }

  #learn(key: string, json: Bytes): readonly Json[] | undefined {
    if (escapedDelete.test(key)) return undefined;
    const value = JSON.parse(json.toString('utf8')) as Json;
    if (!Array.isArray(value)) return undefined;
    const list = value as readonly Json[];
    madeOf.set(list, new Map());
    this.#lists.set(key, list, key.length);
    return list;
  }
}

/** What `make` makes of a list: once for each `maker`, where the list is a known one. */
export function madeOnce<T>(list: readonly unknown[], maker: unknown, make: () => T): T {
  const made = madeOf.get(list);
  if (!made) return make();
  if (!made.has(maker)) made.set(maker, make());
  return made.get(maker) as T;
}

/** A list that was made of another: known where that one is, so that what is made of it is made once too. */
export function knownAs<L extends readonly unknown[]>(of: readonly unknown[], list: L): L {
  if (madeOf.has(of) && !madeOf.has(list)) madeOf.set(list, new Map());
  return list;
}
