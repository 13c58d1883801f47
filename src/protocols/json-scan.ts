import type { Bytes } from '../core/json.ts';

/** Which values to pick out of a document: a name for a value, objects by key, `[shape]` for every element of a list, `[shape, name]` to have each element itself too. */
export type Shape<Leaf extends string> = Leaf | List<Leaf> | { readonly [key: string]: Shape<Leaf> };
type List<Leaf extends string> = readonly [Shape<Leaf>] | readonly [Shape<Leaf>, Leaf];
/** The JSON text of each value found, in order, as it stood; `null` counts as absent. */
export type Found<Leaf extends string> = { readonly [L in Leaf]?: readonly Bytes[] };
/** `whole`: the document came to its end. */
export interface Picked<Leaf extends string> {
  readonly found: Found<Leaf>;
  readonly whole: boolean;
}

/**
 * Makes a function that finds values by their place in a JSON document without parsing it: key names inside strings or deeper objects do not count.
 * It walks damaged or cut documents as far as they make sense and never throws; of a value that is cut off it says nothing.
 */
export function picker<const Leaf extends string>(shape: Shape<Leaf>): (document: Bytes) => Picked<Leaf> {
  const root = compile(shape);
  return (document) => {
    const walk = new Walk(document);
    const whole = walk.value(root);
    return { found: walk.found as unknown as Found<Leaf>, whole };
  };
}

interface Step {
  readonly leaf?: string;
  readonly element?: Step;
  readonly elementLeaf?: string | undefined;
  readonly keys?: readonly { readonly name: string; readonly bytes: Bytes; readonly step: Step }[];
}

function compile(shape: Shape<string>): Step {
  if (typeof shape === 'string') return { leaf: shape };
  if (isList(shape)) return { element: compile(shape[0]), elementLeaf: shape[1] };
  return { keys: Object.entries(shape).map(([name, inner]) => ({ name, bytes: Buffer.from(name), step: compile(inner) })) };
}

const isList = (shape: Exclude<Shape<string>, string>): shape is List<string> => Array.isArray(shape);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
/** Keys and short values end within this; a native search costs more than it saves there. */
const NEAR_BYTES = 32;

/** One walk over a document. Each method leaves `#at` behind what it read and says whether that was whole. */
class Walk {
  readonly found: Record<string, Bytes[]> = {};
  readonly #bytes: Bytes;
  #at: number;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  value(step: Step | undefined): boolean {
    const first = this.#next();
    if (step?.leaf !== undefined) return this.#take(step.leaf);
    if (first === OPEN_OBJECT && step?.keys) return this.#object(step.keys);
    if (first === OPEN_LIST && step?.element) return this.#list(step.element, step.elementLeaf);
    return this.#skip(first);
  }

  #take(leaf: string): boolean {
    const start = this.#at;
    const whole = this.#skip(this.#bytes[start]);
    if (whole && !this.#isNull(start)) this.#keep(leaf, start);
    return whole;
  }

  #keep(leaf: string, start: number): void {
    (this.found[leaf] ??= []).push(this.#bytes.subarray(start, this.#at));
  }

  #isNull(start: number): boolean {
    return this.#bytes[start] === 0x6e && this.#at - start === 4;
  }

  #object(keys: NonNullable<Step['keys']>): boolean {
    this.#at++;
    for (let byte = this.#next(); byte !== CLOSE_OBJECT; byte = this.#next()) {
      if (byte === COMMA) this.#at++;
      else if (byte !== QUOTE) return false;
      else {
        const start = this.#at + 1;
        if (!this.#string() || this.#nextAfterKey() !== COLON) return false;
        const step = this.#stepOf(keys, start, this.#keyEnd);
        this.#at++;
        if (!this.value(step)) return false;
      }
    }
    this.#at++;
    return true;
  }

  #keyEnd = 0;
  #nextAfterKey(): number | undefined {
    this.#keyEnd = this.#at - 1;
    return this.#next();
  }

  #stepOf(keys: NonNullable<Step['keys']>, start: number, end: number): Step | undefined {
    for (const key of keys) if (key.bytes.length === end - start && this.#matches(key.bytes, start)) return key.step;
    for (let at = start; at < end; at++) if (this.#bytes[at] === BACKSLASH) return this.#escapedStep(keys, start, end);
    return undefined;
  }

  #matches(name: Bytes, start: number): boolean {
    for (let at = 0; at < name.length; at++) if (name[at] !== this.#bytes[start + at]) return false;
    return true;
  }

  #escapedStep(keys: NonNullable<Step['keys']>, start: number, end: number): Step | undefined {
    try {
      const name: unknown = JSON.parse(this.#bytes.toString('utf8', start - 1, end + 1));
      return keys.find((key) => key.name === name)?.step;
    } catch {
      return undefined;
    }
  }

  #list(element: Step, leaf: string | undefined): boolean {
    this.#at++;
    for (let byte = this.#next(); byte !== CLOSE_LIST; byte = this.#next()) {
      const start = this.#at;
      if (byte === COMMA) this.#at++;
      else if (!this.value(element)) return false;
      else if (leaf !== undefined) this.#keep(leaf, start);
    }
    this.#at++;
    return true;
  }

  #skip(first: number | undefined): boolean {
    if (first === QUOTE) return this.#string();
    if (first === OPEN_OBJECT || first === OPEN_LIST) return this.#nested();
    return this.#literal();
  }

  #nested(): boolean {
    const bytes = this.#bytes;
    for (let depth = 0; this.#at < bytes.length;) {
      const byte = bytes[this.#at];
      if (byte === QUOTE) {
        if (!this.#string()) return false;
        continue;
      }
      this.#at++;
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --depth === 0) return true;
    }
    return false;
  }

  /** A number or word. At the end of the bytes it may be cut, so it is whole only when something follows. */
  #literal(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at]!;
      if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST || byte <= 0x20) return this.#at > start;
      if (byte === QUOTE || byte === COLON) return false;
      this.#at++;
    }
    return false;
  }

  #string(): boolean {
    for (let at = this.#at + 1; at < this.#bytes.length;) {
      at = this.#near(at);
      if (at < 0) return true;
      const quote = this.#bytes.indexOf(QUOTE, at);
      if (quote === -1) break;
      if (this.#closes(quote, at)) {
        this.#at = quote + 1;
        return true;
      }
      at = quote + 1; // an escaped quote: others may be near
    }
    this.#at = this.#bytes.length;
    return false;
  }

  /** Looks for the closing quote in the next few bytes; -1: found, else where to go on. `from` is no escaped byte, nor is the result. */
  #near(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    for (const end = Math.min(from + NEAR_BYTES, bytes.length); at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.#at = at + 1;
        return -1;
      }
      if (byte === BACKSLASH) at++;
    }
    return at;
  }

  /** A quote closes when the backslashes before it are even in number. */
  #closes(quote: number, from: number): boolean {
    let before = quote - 1;
    while (before >= from && this.#bytes[before] === BACKSLASH) before--;
    return (quote - before) % 2 === 1;
  }

  /** Passes over white space; the byte there. */
  #next(): number | undefined {
    const bytes = this.#bytes;
    while (this.#at < bytes.length && bytes[this.#at]! <= 0x20) this.#at++;
    return bytes[this.#at];
  }
}
