import type { Bytes } from '../core/json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Events of a stream that differ from an earlier one in nothing but one text, and the numbers of one object. All bytes around are compared, so
 * an event that fits means the same, and need not be parsed: most events of an answer are of this kind. Bytes are looked at as a Latin-1 string:
 * comparing slices of one costs half of what comparing bytes does.
 */
export class LikeTheLast {
  #learned = false;
  #before = '';
  /** Behind the text; up to the object whose numbers may change, where there is one. */
  #after = '';
  /** What stands between the numbers of that object; empty where there is none. */
  #counts: readonly string[] = [];
  #tail = '';
  #countsIn: string | undefined;
  #end = 0;

  /** The object whose numbers may change, of the last event that fitted. */
  get counts(): string | undefined {
    return this.#countsIn;
  }

  /** Where the last event that fitted ends. */
  get end(): number {
    return this.#end;
  }

  /**
   * Takes an event for the pattern. `mark`: what stands before its text, as `"content":"`; where it stands twice there is no pattern.
   * `counted`: what stands before the object whose numbers may change, as `"usage":`. Whether it was taken.
   */
  learn(json: Bytes, mark: Bytes, counted?: Bytes): boolean {
    const at = json.indexOf(mark);
    if (at === -1 || json.indexOf(mark, at + 1) !== -1) return false;
    const from = at + mark.length;
    const to = json.indexOf(QUOTE, from);
    if (to === -1 || (to > from && json[to - 1] === BACKSLASH)) return false;
    const counts = counted && objectBehind(json, json.indexOf(counted, to), counted.length);
    this.#learned = true;
    this.#before = json.toString('latin1', 0, from);
    this.#after = json.toString('latin1', to, counts?.from);
    this.#counts = counts ? json.toString('latin1', counts.from, counts.to).split(/\d+/) : [];
    this.#tail = counts ? json.toString('latin1', counts.to) : '';
    return true;
  }

  /** The text of an event that fits. `undefined` where it does not, or its text needs more than to be copied. */
  textIn(json: Bytes): string | undefined {
    if (!this.#learned) return undefined;
    const text = this.textAt(json, json.toString('latin1'), 0);
    return this.#end === json.length ? text : undefined;
  }

  /** The same of an event that begins at `from`, and ends at `end`. `latin1`: all of `bytes`. */
  textAt(bytes: Bytes, latin1: string, from: number): string | undefined {
    if (!this.#learned) return undefined;
    const at = from + this.#before.length;
    if (latin1.slice(from, at) !== this.#before) return undefined;
    const to = latin1.indexOf('"', at);
    const behind = to + this.#after.length;
    if (to === -1 || latin1.slice(to, behind) !== this.#after) return undefined;
    const counted = endOfCounts(this.#counts, latin1, behind);
    const end = counted + this.#tail.length;
    if (counted === -1 || latin1.slice(counted, end) !== this.#tail) return undefined;
    const text = plainText(bytes, latin1, at, to);
    if (text === undefined) return undefined;
    this.#countsIn = counted > behind ? latin1.slice(behind, counted) : undefined;
    this.#end = end;
    return text;
  }
}

/** The object that stands behind a key; none where it is not certain where it ends. */
function objectBehind(json: Bytes, key: number, length: number): { readonly from: number; readonly to: number } | undefined {
  const from = json.indexOf('{', key + length);
  if (key === -1 || from === -1 || json.toString('latin1', key + length, from).trim() !== '') return undefined;
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    if (json[at] === QUOTE) at = json.indexOf(QUOTE, at + 1);
    else if (json[at] === OPEN_OBJECT) depth += 1;
    else if (json[at] === CLOSE_OBJECT && --depth === 0) return { from, to: at + 1 };
    if (at === -1 || json[at - 1] === BACKSLASH) return undefined;
  }
  return undefined;
}

/** Where the object ends that stands at `from`, with any digits between its pieces; -1 when it is another one. */
function endOfCounts(pieces: readonly string[], latin1: string, from: number): number {
  let at = from;
  for (let number = 0; number < pieces.length; number += 1) {
    const piece = pieces[number]!;
    if (number > 0) {
      const digits = at;
      while (isDigit(latin1.charCodeAt(at))) at += 1;
      if (at === digits) return -1;
    }
    const behind = at + piece.length;
    if (latin1.slice(at, behind) !== piece) return -1;
    at = behind;
  }
  return at;
}

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** No escape, and nothing that must not stand in a JSON string: so it is one string, and is written as it reads. */
function plainText(bytes: Bytes, latin1: string, from: number, to: number): string | undefined {
  let isAscii = true;
  for (let at = from; at < to; at += 1) {
    const code = latin1.charCodeAt(at);
    if (code < 0x20 || code === BACKSLASH) return undefined;
    if (code > 0x7e) isAscii = false;
  }
  return isAscii ? latin1.slice(from, to) : bytes.toString('utf8', from, to);
}
