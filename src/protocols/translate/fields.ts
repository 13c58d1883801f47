import { GatewayError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { BareMessage } from './bare-messages.ts';
import { knownAs, madeOnce } from './known-lists.ts';

/** Names of unread fields that are told at most. */
export const maxUnread = 50;

/** An object of a request, read field by field; knows which fields nobody asked for. `null` is as good as absent. */
export class Fields {
  readonly #json: JsonObject;
  readonly #path: string;
  // Most objects have few fields and none that is left: lists are cheaper than sets, and made only when there is something in them.
  readonly #seen: string[] = [];
  #unread: string[] | undefined;
  #unreadInside: string[] | undefined;
  #inner: Fields[] | undefined;

  private constructor(json: JsonObject, path: string) {
    this.#json = json;
    this.#path = path;
  }

  /** @throws {GatewayError} `invalid_request` when it is no object. */
  static of(json: Json | undefined, path = ''): Fields {
    if (!isObject(json)) throw wrong(path || 'the body', 'an object');
    return new Fields(json, path);
  }

  any(key: string): Json | undefined {
    this.#seen.push(key);
    return this.#json[key] ?? undefined;
  }

  text(key: string): string | undefined {
    return this.#typed(key, 'a string', (value): value is string => typeof value === 'string');
  }

  /** A text without which there is no call. */
  required(key: string): string {
    const value = this.text(key);
    if (value === undefined) throw wrong(this.#at(key), 'given');
    return value;
  }

  number(key: string): number | undefined {
    return this.#typed(key, 'a number', (value): value is number => typeof value === 'number');
  }

  boolean(key: string): boolean | undefined {
    return this.#typed(key, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  json(key: string): JsonObject | undefined {
    return this.#typed(key, 'an object', isObject);
  }

  /** One of some words; another word counts as unread. */
  word<W extends string>(key: string, words: readonly W[]): W | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    if (words.includes(value as W)) return value as W;
    (this.#unread ??= []).push(this.#at(key));
    return undefined;
  }

  object(key: string): Fields | undefined {
    const value = this.any(key);
    return value === undefined ? undefined : this.#open(value, this.#at(key));
  }

  /** The objects of a list. */
  list(key: string): readonly Fields[] | undefined {
    const path = `${this.#at(key)}[]`;
    return this.values(key)?.map((value) => this.#open(value, path));
  }

  /** The objects of a list; bare messages with a role that `isBare` takes as they are. */
  listWithBare(key: string, isBare: (message: BareMessage) => boolean): readonly (Fields | BareMessage)[] | undefined {
    const path = `${this.#at(key)}[]`;
    return this.values(key)?.map((value) => (value instanceof BareMessage && isBare(value) ? value : this.#open(value, path)));
  }

  /** What `read` makes of the objects of a list: once, where the list is one that comes again and again. */
  mapped<T>(key: string, read: (fields: Fields) => readonly T[]): readonly T[] {
    const values = this.values(key);
    if (!values) return [];
    const path = `${this.#at(key)}[]`;
    const { made, unread } = madeOnce(values, read, () => {
      const objects = values.map((value) => Fields.of(value, path));
      return { made: knownAs(values, objects.flatMap(read)), unread: objects.flatMap((object) => object.unread()) };
    });
    if (unread.length > 0) (this.#unreadInside ??= []).push(...unread);
    return made;
  }

  /** The elements of a list. */
  values(key: string): readonly Json[] | undefined {
    return this.#typed(key, 'a list', (value): value is readonly Json[] => Array.isArray(value));
  }

  /** The object itself, whole: all its fields count as read. */
  whole(): JsonObject {
    this.#seen.push(...Object.keys(this.#json));
    return this.#json;
  }

  /** A field was seen, but there is nothing to make of it. */
  leave(key: string): void {
    this.#seen.push(key);
    (this.#unread ??= []).push(this.#at(key));
  }

  /** Paths of what nobody asked for, here and below, each once. */
  unread(): readonly string[] {
    const all = new Set<string>();
    this.#collect(all);
    return [...all].slice(0, maxUnread);
  }

  #collect(all: Set<string>): void {
    for (const path of this.#unread ?? []) all.add(path);
    for (const key in this.#json) if (!this.#seen.includes(key) && (this.#json[key] ?? undefined) !== undefined) all.add(this.#at(key));
    for (const fields of this.#inner ?? []) fields.#collect(all);
    for (const path of this.#unreadInside ?? []) all.add(path);
  }

  wrong(key: string, expected: string): GatewayError {
    return wrong(this.#at(key), expected);
  }

  #open(value: Json, path: string): Fields {
    const fields = Fields.of(value, path);
    (this.#inner ??= []).push(fields);
    return fields;
  }

  #typed<T extends Json>(key: string, expected: string, is: (value: Json) => value is T): T | undefined {
    const value = this.any(key);
    if (value === undefined) return undefined;
    if (!is(value)) throw wrong(this.#at(key), expected);
    return value;
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (path: string, expected: string): GatewayError =>
  new GatewayError('invalid_request', `${path} must be ${expected}`, { param: path });

/** An object without its absent fields. */
export function compact<const T extends object>(object: T): Compact<T> {
  const draft: Record<string, unknown> = {};
  for (const key in object) if (object[key] !== undefined) draft[key] = object[key];
  return draft as Compact<T>;
}

/** Fields that may be `undefined` become optional. */
export type Compact<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
