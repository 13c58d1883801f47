import type { Bytes } from './json.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** What may stand between the tokens of JSON. */
export const isSpace = (byte: number | undefined): boolean => byte === SPACE || byte === LF || byte === CR || byte === TAB;

/** Where the next token begins, at `from` or behind. */
export function skipSpace(json: Bytes, from: number): number {
  let at = from;
  while (isSpace(json[at])) at += 1;
  return at;
}
