import { GatewayError } from './errors.ts';
import { Body } from './body.ts';
import type { Bytes } from './json.ts';
import { skipSpace } from './json-space.ts';
import { endsIn, type Ends } from './string-ends.ts';

/** Where a member of a JSON object stands: all of it from `start` to `end` (up to its separators), its value from `from` to `to`. */
export interface Member {
  readonly start: number;
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** What an entry of an outline's `tape` marks. */
export const Mark = {
  /** An element of `messages`, `input`, `contents`, `system` or of another prompt list. */
  Item: 1,
  /** Value of an item's `role`. */
  Role: 2,
  /** Value of an item's `type`. */
  Type: 3,
  /** Value of an item's `content`, `parts` or `output`. */
  Content: 4,
  /** An element of an item's content. */
  Block: 5,
  /** Value of a block's `type`. */
  BlockType: 6,
} as const;

/** The top level of a JSON object, and the skeleton of its prompt lists, found in one pass over its bytes. */
export interface Outline {
  readonly members: ReadonlyMap<string, Member>;
  /** Triples (mark, from, to), in order of `from`; an item stands before what it holds. */
  readonly tape: Int32Array;
  /** Where the object itself begins and ends: white space may stand around it. */
  readonly from: number;
  readonly to: number;
  /** The body in one piece. Only until the next scan: whoever reads along does so at once. */
  readonly view: Bytes;
}

/** Nesting beyond this is refused: no client needs it, and recursive parsers further on break on it. */
export const maxDepth = 256;

/** Top-level keys whose lists are outlined: where the four protocols keep the prompt. */
const promptKeys = new Set(['messages', 'input', 'contents', 'system']);

const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

const malformed = (at: number): GatewayError => new GatewayError('invalid_request', `malformed JSON at byte ${at}`);

// One scratch tape for all scans: a scan runs to its end in one go, and copies out what it found.
let scratch = new Int32Array(3 * 4096);
let length = 0;
/** For the body being scanned. */
let ends: Ends;

function mark(kind: number, from: number, to: number): number {
  if (length + 3 > scratch.length) {
    const larger = new Int32Array(scratch.length * 2);
    larger.set(scratch);
    scratch = larger;
  }
  scratch[length] = kind;
  scratch[length + 1] = from;
  scratch[length + 2] = to;
  length += 3;
  return length - 1;
}

/**
 * The members of the object in `json`, by key, and the outline of its prompt. Values are skipped, not checked: whoever needs one parses it.
 * @throws {GatewayError} `invalid_request` when `json` is not one object, a key stands twice (parsers would disagree on it), or it nests too deep.
 */
export function outline(body: Body | Bytes): Outline {
  length = 0;
  ends = endsIn(body instanceof Body ? body : new Body([body]));
  const json = ends.view;
  const found = new Map<string, Member>();
  const open = skipSpace(json, 0);
  let at = expect(json, open, OPEN_OBJECT);
  if (json[skipSpace(json, at)] === CLOSE_OBJECT) at = skipSpace(json, at);
  else {
    at = member(json, at, found);
    while (json[at] === COMMA) at = member(json, at + 1, found);
  }
  const to = expect(json, at, CLOSE_OBJECT);
  if (skipSpace(json, to) !== json.length) throw new GatewayError('invalid_request', `bytes after the JSON object at byte ${to}`);
  return { members: found, tape: scratch.slice(0, length), from: open, to, view: json };
}

/** Just the members; for values that hold no prompt. */
export const members = (json: Body | Bytes): ReadonlyMap<string, Member> => outline(json).members;

function member(json: Bytes, start: number, found: Map<string, Member>): number {
  const first = skipSpace(json, start);
  const last = skipString(json, first);
  const key = keyText(json, first, last);
  if (found.has(key)) throw new GatewayError('invalid_request', `key "${key}" stands twice`, { param: key });
  const from = skipSpace(json, expect(json, skipSpace(json, last), COLON));
  const to = promptKeys.has(key) && json[from] === OPEN_LIST ? items(json, from) : skipValue(json, from);
  const end = skipSpace(json, to);
  found.set(key, { start, from, to, end });
  return end;
}

/** A key as text, its escapes resolved: `"mod\u0065l"` is `model`. */
function keyText(json: Bytes, from: number, to: number): string {
  for (let at = from + 1; at < to - 1; at += 1) {
    if (json[at] === BACKSLASH || json[at]! > 127) return parsedKey(json, from, to);
  }
  return json.toString('latin1', from + 1, to - 1);
}

function parsedKey(json: Bytes, from: number, to: number): string {
  try {
    return JSON.parse(json.toString('utf8', from, to)) as string;
  } catch {
    throw malformed(from);
  }
}

/** Outlines a prompt list: its elements, their roles and types, and the blocks of their contents. Returns where it ends. */
function items(json: Bytes, from: number): number {
  let at = skipSpace(json, from + 1);
  if (json[at] === CLOSE_LIST) return at + 1;
  for (;;) {
    const slot = mark(Mark.Item, at, at);
    at = json[at] === OPEN_OBJECT ? item(json, at) : skipValue(json, at);
    scratch[slot] = at;
    at = skipSpace(json, at);
    if (json[at] === CLOSE_LIST) return at + 1;
    at = skipSpace(json, expect(json, at, COMMA));
  }
}

function item(json: Bytes, from: number): number {
  let at = skipSpace(json, from + 1);
  if (json[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    const key = at;
    const keyEnd = skipString(json, key);
    const value = skipSpace(json, expect(json, skipSpace(json, keyEnd), COLON));
    const kind = itemKey(json, key, keyEnd);
    at = kind === Mark.Content && json[value] === OPEN_LIST ? content(json, value) : skipValue(json, value);
    if (kind !== 0 && json[value] !== OPEN_LIST) mark(kind, value, at);
    at = skipSpace(json, at);
    if (json[at] === CLOSE_OBJECT) return at + 1;
    at = skipSpace(json, expect(json, at, COMMA));
  }
}

function content(json: Bytes, from: number): number {
  const slot = mark(Mark.Content, from, from);
  let at = skipSpace(json, from + 1);
  while (json[at] !== CLOSE_LIST) {
    const block = mark(Mark.Block, at, at);
    at = json[at] === OPEN_OBJECT ? blockObject(json, at) : skipValue(json, at);
    scratch[block] = at;
    at = skipSpace(json, at);
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
    else if (json[at] !== CLOSE_LIST) throw malformed(at);
  }
  scratch[slot] = at + 1;
  return at + 1;
}

function blockObject(json: Bytes, from: number): number {
  let at = skipSpace(json, from + 1);
  if (json[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    const key = at;
    const keyEnd = skipString(json, key);
    const value = skipSpace(json, expect(json, skipSpace(json, keyEnd), COLON));
    at = skipValue(json, value);
    if (isKey(json, key, keyEnd, TYPE)) mark(Mark.BlockType, value, at);
    at = skipSpace(json, at);
    if (json[at] === CLOSE_OBJECT) return at + 1;
    at = skipSpace(json, expect(json, at, COMMA));
  }
}

const ROLE = Buffer.from('"role"');
const TYPE = Buffer.from('"type"');
const CONTENT = Buffer.from('"content"');
const PARTS = Buffer.from('"parts"');
const OUTPUT = Buffer.from('"output"');

function itemKey(json: Bytes, from: number, to: number): number {
  if (isKey(json, from, to, ROLE)) return Mark.Role;
  if (isKey(json, from, to, CONTENT)) return Mark.Content;
  if (isKey(json, from, to, TYPE)) return Mark.Type;
  return isKey(json, from, to, PARTS) || isKey(json, from, to, OUTPUT) ? Mark.Content : 0;
}

function isKey(json: Bytes, from: number, to: number, key: Bytes): boolean {
  if (to - from !== key.length) return false;
  for (let at = 1; at < key.length - 1; at += 1) if (json[from + at] !== key[at]) return false;
  return true;
}

function skipValue(json: Bytes, from: number): number {
  const byte = json[from];
  if (byte === QUOTE) return skipString(json, from);
  if (byte === OPEN_OBJECT || byte === OPEN_LIST) return skipNested(from);
  let at = from;
  while (at < json.length && !endsScalar(json[at]!)) at += 1;
  if (at === from) throw malformed(at);
  return at;
}

function skipNested(from: number): number {
  const end = ends.nestedEnd(from, maxDepth);
  if (end === -2) throw new GatewayError('invalid_request', `JSON nested deeper than ${maxDepth}`);
  if (end === -1) throw malformed(from);
  return end;
}

/** How far a string is read byte by byte before the faster search takes over: its call costs as much as about this many bytes. */
const NEAR = 12;

function skipString(json: Bytes, from: number): number {
  let at = expect(json, from, QUOTE);
  const near = Math.min(json.length, at + NEAR);
  while (at < near) {
    const byte = json[at]!;
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  const end = ends.stringEnd(at);
  if (end === -1) throw malformed(json.length);
  return end;
}

const endsScalar = (byte: number): boolean => byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST || byte <= SPACE;

function expect(json: Bytes, at: number, byte: number): number {
  if (json[at] !== byte) throw malformed(at);
  return at + 1;
}
