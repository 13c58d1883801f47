import type { Bytes } from '../../core/json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Events of a stream that differ from an earlier one in nothing but one text, and the numbers of one object. All bytes around are compared, so
 * an event that fits means the same, and need not be parsed: most events of an answer are of this kind.
 */
export class LikeTheLast {
  #before: Bytes | undefined;
  /** Behind the text; up to the object whose numbers may change, where there is one. */
  #after: Bytes = empty;
  #counts: Bytes = empty;
  #tail: Bytes = empty;
  #countsIn: Bytes | undefined;

  /** The object whose numbers may change, of the last event that fitted. */
  get counts(): Bytes | undefined {
    return this.#countsIn;
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
    this.#before = json.subarray(0, from);
    this.#after = json.subarray(to, counts?.from);
    this.#counts = counts ? json.subarray(counts.from, counts.to) : empty;
    this.#tail = counts ? json.subarray(counts.to) : empty;
    return true;
  }

  /** The text of an event that fits. `undefined` where it does not, or its text needs more than to be copied. */
  textIn(json: Bytes): string | undefined {
    const before = this.#before;
    if (!before || !standsAt(json, before, 0)) return undefined;
    const to = json.indexOf(QUOTE, before.length);
    const behind = to + this.#after.length;
    if (to === -1 || !standsAt(json, this.#after, to)) return undefined;
    const end = json.length - this.#tail.length;
    if (end < behind || !standsAt(json, this.#tail, end) || !differInNumbers(this.#counts, json, behind, end)) return undefined;
    const text = json.toString('utf8', before.length, to);
    if (!isPlain(text)) return undefined;
    this.#countsIn = end > behind ? json.subarray(behind, end) : undefined;
    return text;
  }
}

const empty: Bytes = Buffer.alloc(0);

const standsAt = (json: Bytes, part: Bytes, at: number): boolean =>
  at + part.length <= json.length && json.compare(part, 0, part.length, at, at + part.length) === 0;

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

/** Whether what stands in `json` is `counts` with other digits in the place of digits. */
function differInNumbers(counts: Bytes, json: Bytes, from: number, to: number): boolean {
  let at = from;
  for (let there = 0; there < counts.length;) {
    const byte = counts[there]!;
    if (isDigit(byte)) {
      if (at >= to || !isDigit(json[at]!)) return false;
      while (there < counts.length && isDigit(counts[there]!)) there += 1;
      while (at < to && isDigit(json[at]!)) at += 1;
    } else {
      if (at >= to || json[at] !== byte) return false;
      there += 1;
      at += 1;
    }
  }
  return at === to;
}

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** No quote, no escape, and nothing that must not stand in a JSON string: so it is one string, and is written as it reads. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}
