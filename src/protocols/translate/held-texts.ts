import type { Message } from '../../core/canonical/message.ts';
import { parse, type Bytes, type Json } from '../../core/json.ts';
import { Mark, type Outline } from '../../core/scan.ts';

/** Shorter texts are parsed: holding them would save nothing. */
export const minHeldBytes = 512;
/** Texts that can be told apart. */
export const maxHeld = 4096;

/** Of whom what is said goes on as it is. Answers of tools do not: some APIs look into them. */
const roles: ReadonlySet<string> = new Set(['user', 'assistant', 'system', 'developer']);

// A held text is three private characters: open, its number, close. A body that has the first of them itself is parsed as a whole.
const open = '\uf8d0';
const close = '\uf8d1';
const firstNumber = 0xe000;
const openBytes = Buffer.from(open);
const stampBytes = 9;
const ownStamp = /\uf8d0|\\u[fF]8[dD]0/;
const stamps = /\uf8d0([\ue000-\uefff])\uf8d1/g;

/** A body as JSON, in which some texts may be held. */
export interface ReadBody {
  readonly json: Json;
  readonly held?: HeldTexts;
}

/**
 * Parses a body without the long texts of its messages: they stand in it as stamps, and go on as the bytes they came in. A JSON string means
 * the same in every API, so to decode and to encode it again would only cost: it is half of what translating a call costs. Like on the way
 * within one API, what is wrong inside such a string is the provider's to find.
 * @throws {SyntaxError} when what is left is not JSON
 */
export function readBody(body: Bytes, { tape }: Pick<Outline, 'tape'>, minBytes = minHeldBytes): ReadBody {
  const spans = spansOf(body, tape, minBytes);
  if (spans.length === 0) return { json: parse<Json>(body) };
  let text = '';
  let at = 0;
  for (const [number, { from, to }] of spans.entries()) {
    const between = body.toString('utf8', at, from);
    if (ownStamp.test(between)) return { json: parse<Json>(body) };
    text += `${between}"${open}${String.fromCharCode(firstNumber + number)}${close}"`;
    at = to;
  }
  const rest = body.toString('utf8', at);
  if (ownStamp.test(rest)) return { json: parse<Json>(body) };
  return { json: JSON.parse(text + rest) as Json, held: new HeldTexts(spans.map(({ from, to }) => body.subarray(from, to))) };
}

/** The JSON strings of one body that were not parsed. */
export class HeldTexts {
  readonly #texts: readonly Bytes[];
  readonly sizeBytes: number;

  constructor(texts: readonly Bytes[]) {
    this.#texts = texts;
    this.sizeBytes = texts.reduce((sum, { length }) => sum + length, 0);
  }

  /** The same JSON with the texts in the place of their stamps. A stamp may stand inside of a longer string. */
  into(json: Bytes): Bytes {
    const pieces: Bytes[] = [];
    let at = 0;
    for (let stamp = json.indexOf(openBytes); stamp !== -1; stamp = json.indexOf(openBytes, at)) {
      const text = this.#texts[((json[stamp + 4]! & 63) << 6) | (json[stamp + 5]! & 63)]!;
      pieces.push(json.subarray(at, stamp), text.subarray(1, -1));
      at = stamp + stampBytes;
    }
    return at === 0 ? json : Buffer.concat([...pieces, json.subarray(at)]);
  }

  /** Messages with their texts, for who keeps them. */
  messages(messages: readonly Message[]): readonly Message[] {
    return messages.map((message) => ({ ...message, parts: message.parts.map((part) => this.#part(part)) }) as Message);
  }

  #part<P extends { readonly type: string }>(part: P): P {
    if (part.type !== 'text' || !('text' in part) || typeof part.text !== 'string' || !part.text.includes(open)) return part;
    return { ...part, text: part.text.replaceAll(stamps, (_, number: string) => this.#text(number.charCodeAt(0) - firstNumber)) };
  }

  #text = (number: number): string => parse<string>(this.#texts[number]!);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where the long texts of messages stand, quotes included. */
function spansOf(json: Bytes, tape: Int32Array, minBytes: number): readonly Span[] {
  const spans: Span[] = [];
  let isSaid = false;
  let isOther = false;
  let content: Span | undefined;
  const end = (): void => {
    if (isSaid && !isOther && content && spans.length < maxHeld && isLongText(json, content, minBytes)) spans.push(content);
    isSaid = isOther = false;
    content = undefined;
  };
  for (let at = 0; at < tape.length; at += 3) {
    const from = tape[at + 1]!;
    const to = tape[at + 2]!;
    if (tape[at] === Mark.Item) end();
    else if (tape[at] === Mark.Role) isSaid = roles.has(json.toString('latin1', from + 1, to - 1));
    else if (tape[at] === Mark.Type) isOther = json.toString('latin1', from, to) !== '"message"';
    else if (tape[at] === Mark.Content) content = { from, to };
  }
  end();
  return spans;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A string that does not begin with a space: texts of white space alone are left out by some APIs. */
function isLongText(json: Bytes, { from, to }: Span, minBytes: number): boolean {
  const first = json[from + 1]!;
  return (
    json[from] === QUOTE && to - from >= Math.max(minBytes, 3) && first > 0x20 && first < 0x7f && first !== BACKSLASH && first !== QUOTE
  );
}
