import type { Bytes } from '../../core/json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Events of a stream that differ from an earlier one in nothing but one text. All bytes around it are compared, so an event that fits means
 * the same, and need not be parsed: most events of an answer are of this kind.
 */
export class LikeTheLast {
  #before: Bytes | undefined;
  #after: Bytes | undefined;

  /** Takes an event for the pattern. `mark`: what stands before its text, as `"content":"`; where it stands twice there is no pattern. Whether it was taken. */
  learn(json: Bytes, mark: Bytes): boolean {
    const at = json.indexOf(mark);
    if (at === -1 || json.indexOf(mark, at + 1) !== -1) return false;
    const from = at + mark.length;
    const to = json.indexOf(QUOTE, from);
    if (to === -1 || (to > from && json[to - 1] === BACKSLASH)) return false;
    this.#before = json.subarray(0, from);
    this.#after = json.subarray(to);
    return true;
  }

  /** The text of an event that fits. `undefined` where it does not, or its text needs more than to be copied. */
  textIn(json: Bytes): string | undefined {
    const before = this.#before;
    const after = this.#after;
    if (!before || !after) return undefined;
    const to = json.length - after.length;
    if (
      to < before.length ||
      json.compare(after, 0, after.length, to) !== 0 ||
      json.compare(before, 0, before.length, 0, before.length) !== 0
    )
      return undefined;
    const text = json.toString('utf8', before.length, to);
    return isPlain(text) ? text : undefined;
  }
}

/** No quote, no escape, and nothing that must not stand in a JSON string: so it is one string, and is written as it reads. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}
