/** Where a text stands: keys and indices from the root; in JSON that itself stands in a string, from the root of that. */
export type Path = readonly (string | number)[];

export interface Place {
  /** The key whose value the text is, or the list it stands in. */
  readonly field: string | undefined;
  readonly path: Path;
  /** How many strings the JSON around it stands in: 1 for the arguments of a tool call. */
  readonly nesting: number;
}

export interface Rewriting {
  /** The text in its place, or `undefined` to leave its bytes as they are. The place is good for this call only. */
  readonly rewrite: (text: string, place: Place) => string | undefined;
  /** Whether strings that hold JSON are read as JSON, so that their texts are seen without their escapes. Left out: they are. */
  readonly opens?: (place: Place) => boolean;
}

/** JSON in strings in JSON is read this deep; beyond it is text. */
export const maxNesting = 4;
/** Keys with neither digit nor `@` hold no value of a person's. */
const mayHoldValue = /[\d@]/;
/** Shorter numbers are no one's. */
const minDigits = 7;

/**
 * The same JSON with some of its texts changed: string values, keys, and numbers of many digits (which become strings). Every other character
 * stays. Returns `json` itself when nothing was changed. @throws {SyntaxError} where `json` is none.
 */
export function rewriteJson(json: string, rewriting: Rewriting, nesting = 0): string {
  const walk = new Walk(json, rewriting, nesting);
  return walk.run();
}

class Walk {
  readonly #json: string;
  readonly #rewriting: Rewriting;
  readonly #path: (string | number)[] = [];
  readonly #place: { field: string | undefined; path: Path; nesting: number };
  readonly #pieces: string[] = [];
  #kept = 0;
  #at = 0;

  constructor(json: string, rewriting: Rewriting, nesting: number) {
    this.#json = json;
    this.#rewriting = rewriting;
    this.#place = { field: undefined, path: this.#path, nesting };
  }

  run(): string {
    this.#space();
    this.#value(undefined);
    this.#space();
    if (this.#at !== this.#json.length) this.#fail();
    if (this.#kept === 0) return this.#json;
    return this.#pieces.join('') + this.#json.slice(this.#kept);
  }

  #value(field: string | undefined): void {
    switch (this.#json[this.#at]) {
      case '"':
        return this.#text(field);
      case '{':
        return this.#object();
      case '[':
        return this.#list(field);
      default:
        return this.#scalar(field);
    }
  }

  #object(): void {
    this.#at += 1;
    if (this.#closes('}')) return;
    for (;;) {
      this.#space();
      const from = this.#at;
      const key = this.#string();
      if (mayHoldValue.test(key)) this.#offer(key, undefined, from);
      this.#space();
      this.#expect(':');
      this.#space();
      this.#path.push(key);
      this.#value(key);
      this.#path.pop();
      if (this.#closes('}')) return;
      this.#expect(',');
    }
  }

  #list(field: string | undefined): void {
    this.#at += 1;
    if (this.#closes(']')) return;
    for (let index = 0; ; index += 1) {
      this.#space();
      this.#path.push(index);
      this.#value(field);
      this.#path.pop();
      if (this.#closes(']')) return;
      this.#expect(',');
    }
  }

  #closes(bracket: string): boolean {
    this.#space();
    if (this.#json[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #text(field: string | undefined): void {
    const from = this.#at;
    const text = this.#string();
    this.#place.field = field;
    const opened = this.#opened(text);
    if (opened === undefined) this.#offer(text, field, from);
    else if (opened !== text) this.#put(from, JSON.stringify(opened));
  }

  /** JSON that stands in a string, rewritten; `undefined`: the text is none. */
  #opened(text: string): string | undefined {
    if (this.#place.nesting >= maxNesting || !looksLikeJson(text) || this.#rewriting.opens?.(this.#place) === false) return undefined;
    try {
      JSON.parse(text);
    } catch {
      return undefined;
    }
    return rewriteJson(text, this.#rewriting, this.#place.nesting + 1);
  }

  #scalar(field: string | undefined): void {
    const from = this.#at;
    while (this.#at < this.#json.length && !/[,\]}\s]/.test(this.#json[this.#at]!)) this.#at += 1;
    if (this.#at === from) this.#fail();
    const literal = this.#json.slice(from, this.#at);
    if (literal.length >= minDigits && /^\d+$/.test(literal)) this.#offer(literal, field, from);
  }

  #offer(text: string, field: string | undefined, from: number): void {
    this.#place.field = field;
    const changed = this.#rewriting.rewrite(text, this.#place);
    if (changed !== undefined && changed !== text) this.#put(from, JSON.stringify(changed));
  }

  #put(from: number, literal: string): void {
    this.#pieces.push(this.#json.slice(this.#kept, from), literal);
    this.#kept = this.#at;
  }

  #string(): string {
    const from = this.#at;
    this.#expect('"');
    for (;;) {
      const end = this.#json.indexOf('"', this.#at);
      if (end === -1) this.#fail();
      this.#at = end + 1;
      if (!this.#isEscaped(end, from)) break;
    }
    const inner = this.#json.slice(from + 1, this.#at - 1);
    return inner.includes('\\') ? (JSON.parse(this.#json.slice(from, this.#at)) as string) : inner;
  }

  /** A quote is part of its string when an odd number of backslashes stands before it. */
  #isEscaped(quote: number, from: number): boolean {
    let at = quote - 1;
    while (at > from && this.#json[at] === '\\') at -= 1;
    return (quote - 1 - at) % 2 === 1;
  }

  #space(): void {
    for (let code = this.#json.charCodeAt(this.#at); code === 32 || code === 10 || code === 13 || code === 9;) {
      this.#at += 1;
      code = this.#json.charCodeAt(this.#at);
    }
  }

  #expect(character: string): void {
    if (this.#json[this.#at] !== character) this.#fail();
    this.#at += 1;
  }

  #fail(): never {
    throw new SyntaxError(`malformed JSON at character ${this.#at}`);
  }
}

/** Begins and ends like an object or a list that is not empty. */
export function looksLikeJson(text: string): boolean {
  return /^\s{0,100}(?:\{\s{0,100}"|\[\s{0,100}["{[\d])/.test(text) && /[\]}]\s{0,100}$/.test(text.slice(-101));
}
