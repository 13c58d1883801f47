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
  const leaves: string[] = [];
  const root = compile(shape, leaves);
  const Places = placesFor(leaves);
  const nothing = leaves.map(() => undefined);
  return (document) => {
    const walk = new Walk(document, nothing.slice());
    const whole = walk.value(root);
    return { found: new Places(walk.found), whole };
  };
}

type Slots = readonly (readonly Bytes[] | undefined)[];

/** Names for numbered slots. All that one picker finds has one hidden class, whatever was found: objects that grow by what is found are several times slower. */
function placesFor(leaves: readonly string[]): new (slots: Slots) => object {
  class Places {
    readonly #slots: Slots;
    constructor(slots: Slots) {
      this.#slots = slots;
    }
    static {
      for (const [slot, leaf] of leaves.entries())
        Object.defineProperty(Places.prototype, leaf, {
          enumerable: true,
          get(this: Places) {
            return this.#slots[slot];
          },
        });
    }
  }
  return Places;
}

/** Leaves by their slots. */
interface Step {
  readonly leaf: number | undefined;
  readonly element: Step | undefined;
  readonly elementLeaf: number | undefined;
  readonly keys: readonly { readonly name: string; readonly bytes: Bytes; readonly step: Step }[] | undefined;
}

const noStep: Step = { leaf: undefined, element: undefined, elementLeaf: undefined, keys: undefined };

function compile(shape: Shape<string>, leaves: string[]): Step {
  if (typeof shape === 'string') return { ...noStep, leaf: slotOf(shape, leaves) };
  if (isList(shape))
    return { ...noStep, element: compile(shape[0], leaves), elementLeaf: shape[1] === undefined ? undefined : slotOf(shape[1], leaves) };
  const keys = Object.entries(shape).map(([name, inner]) => ({ name, bytes: Buffer.from(name), step: compile(inner, leaves) }));
  return { ...noStep, keys };
}

function slotOf(leaf: string, leaves: string[]): number {
  const at = leaves.indexOf(leaf);
  return at === -1 ? leaves.push(leaf) - 1 : at;
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
  /** By slot. */
  readonly found: (Bytes[] | undefined)[];
  readonly #bytes: Bytes;
  #at: number;

  constructor(bytes: Bytes, found: (Bytes[] | undefined)[]) {
    this.found = found;
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

  #take(leaf: number): boolean {
    const start = this.#at;
    const whole = this.#skip(this.#bytes[start]);
    if (whole && !this.#isNull(start)) this.#keep(leaf, start);
    return whole;
  }

  #keep(leaf: number, start: number): void {
    const value = this.#bytes.subarray(start, this.#at);
    const kept = this.found[leaf];
    if (kept) kept.push(value);
    else this.found[leaf] = [value];
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

  #list(element: Step, leaf: number | undefined): boolean {
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
