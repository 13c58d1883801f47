import type { Json, JsonObject } from '../../../core/json.ts';
import { Fields } from '../fields.ts';

/** An object as protocol buffers write it in JSON: Google reads `inlineData` and `inline_data` alike. Keys are asked for in the first form. */
export class ProtoFields {
  readonly #fields: Fields;

  private constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** @throws {GatewayError} `invalid_request` when it is no object. */
  static of(json: Json | undefined, path = ''): ProtoFields {
    return new ProtoFields(Fields.of(json, path));
  }

  any(key: string): Json | undefined {
    return this.#fields.any(key) ?? this.#fields.any(snakeCase(key));
  }

  text(key: string): string | undefined {
    return this.#fields.text(this.#nameOf(key));
  }

  required(key: string): string {
    const value = this.text(key);
    if (value === undefined) throw this.wrong(key, 'given');
    return value;
  }

  number(key: string): number | undefined {
    return this.#fields.number(this.#nameOf(key));
  }

  boolean(key: string): boolean | undefined {
    return this.#fields.boolean(this.#nameOf(key));
  }

  json(key: string): JsonObject | undefined {
    return this.#fields.json(this.#nameOf(key));
  }

  /** One of some words; another word counts as unread. */
  word<W extends string>(key: string, words: readonly W[]): W | undefined {
    return this.#fields.word(this.#nameOf(key), words);
  }

  object(key: string): ProtoFields | undefined {
    const found = this.#fields.object(this.#nameOf(key));
    return found && new ProtoFields(found);
  }

  list(key: string): readonly ProtoFields[] | undefined {
    return this.#fields.list(this.#nameOf(key))?.map((fields) => new ProtoFields(fields));
  }

  values(key: string): readonly Json[] | undefined {
    return this.#fields.values(this.#nameOf(key));
  }

  /** The texts of a list; what is no text counts as unread. */
  texts(key: string): readonly string[] | undefined {
    const values = this.values(key);
    const found = values?.filter((value): value is string => typeof value === 'string');
    if (found && found.length !== values?.length) this.leave(key);
    return found && found.length > 0 ? found : undefined;
  }

  whole(): JsonObject {
    return this.#fields.whole();
  }

  /** A field was seen, but there is nothing to make of it. */
  leave(key: string): void {
    this.#fields.leave(this.#nameOf(key));
  }

  unread(): readonly string[] {
    return this.#fields.unread();
  }

  wrong(key: string, expected: string) {
    return this.#fields.wrong(key, expected);
  }

  #nameOf(key: string): string {
    return this.#fields.any(key) === undefined ? snakeCase(key) : key;
  }
}

/** Keys asked for are those of the code: a few dozen. */
const known = new Map<string, string>();

function snakeCase(key: string): string {
  let found = known.get(key);
  if (found === undefined) {
    found = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    known.set(key, found);
  }
  return found;
}
