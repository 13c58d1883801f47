import type { Message } from '../../core/canonical/message.ts';
import type { ToolResultPart } from '../../core/canonical/part.ts';
import { parse, type Bytes, type Json } from '../../core/json.ts';
import type { Outline } from '../../core/scan.ts';
import { escapedDelete as escaped, type KnownLists } from './known-lists.ts';
import { bareMessages } from './bare-messages.ts';
import { textSpans, type Span } from './text-spans.ts';

/** Shorter texts are parsed: holding them would save nothing. */
export const minHeldBytes = 512;

// A held text is its number between two delete characters: they may stand in JSON as they are, and keep the text around them in one byte a
// character, which is parsed and written in half the time. A body that has one itself is parsed as a whole.
const DELETE = 0x7f;
const mark = '\x7f';
const digits = 4;
const stampBytes = digits + 2;
const stamps = /\x7f(\d{4})\x7f/g;

/** What stands in the place of a held text. */
export const stampOf = (number: number): string => (knownStamps[number] ??= `${mark}${String(number).padStart(digits, '0')}${mark}`);
const knownStamps: string[] = [];

/** A body as JSON, in which some texts may be held. */
export interface ReadBody {
  readonly json: Json;
  readonly held?: HeldTexts | undefined;
  readonly body: Bytes;
}

/** The list of a body that comes again and again. */
const knownKey = 'tools';
/** Where messages are that may be bare. */
const listKeys = ['messages', 'input'] as const;

export interface Reading {
  /** Texts that are shorter are parsed. */
  readonly minBytes?: number;
  /** Lists of tools that were parsed before. */
  readonly known?: KnownLists | undefined;
}

/**
 * Parses a body without the long texts of its messages: they stand in it as stamps, and go on as the bytes they came in. A JSON string means
 * the same in every API, so to decode and to encode it again would only cost: it is half of what translating a call costs. Like on the way
 * within one API, what is wrong inside such a string is the provider's to find. Nor are tools parsed that are known, nor bare messages.
 * @throws {SyntaxError} when what is left is not JSON
 */
export function readBody(
  body: Bytes,
  { tape, members }: Pick<Outline, 'tape' | 'members'>,
  { minBytes = minHeldBytes, known }: Reading = {},
): ReadBody {
  if (body.includes(DELETE)) return plain(body);
  const leastBytes = Math.max(minBytes, 3);
  const tools = known && taken(members, knownKey, ({ from, to }) => known.of(body.subarray(from, to)));
  const bare = listKeys
    .map((key) => taken(members, key, (list) => bareMessages(body, tape, list, { minBytes: leastBytes, stampOf })))
    .find((list) => list !== undefined);
  const spans = bare ? bare.value.spans : textSpans(body, tape, leastBytes);
  if (spans.length === 0 && !tools) return plain(body);
  const left = leftOf(body, bare ? [] : spans, [tools, bare].filter((member) => member !== undefined).sort(inOrder));
  if (escaped.test(left)) return plain(body);
  const json = JSON.parse(left) as Record<string, Json>;
  if (tools) json[tools.key] = tools.value;
  if (bare) json[bare.key] = bare.value.messages as unknown as readonly Json[];
  return { json, held: new HeldTexts(body, spans), body };
}

/** A member that is not parsed with the rest. */
interface Taken<T> extends Span {
  readonly key: string;
  readonly value: T;
}

function taken<T>(members: Outline['members'], key: string, read: (member: Span) => T | undefined): Taken<T> | undefined {
  const member = members.get(key);
  const value = member && read(member);
  return value === undefined ? undefined : { key, value, from: member!.from, to: member!.to };
}

const inOrder = (a: Span, b: Span): number => a.from - b.from;

/** The JSON of a body with stamps in the place of texts, and nothing in the place of members that were taken out. */
function leftOf(body: Bytes, spans: readonly Span[], members: readonly Span[]): string {
  let text = '';
  let at = 0;
  const cut = ({ from, to }: Span, instead: string): void => {
    text += body.toString('utf8', at, from) + instead;
    at = to;
  };
  let member = 0;
  const cutMembers = (before: number): void => {
    while (member < members.length && members[member]!.from < before) cut(members[member++]!, 'null');
  };
  for (const [number, span] of spans.entries()) {
    cutMembers(span.from);
    cut(span, `"${stampOf(number)}"`);
  }
  cutMembers(body.length);
  return text + body.toString('utf8', at);
}

/** A body of which everything is parsed. @throws {SyntaxError} when it is not JSON */
export const plain = (body: Bytes): ReadBody => ({ json: parse<Json>(body), body });

/** The JSON strings of one body that were not parsed. */
export class HeldTexts {
  readonly #body: Bytes;
  readonly #spans: readonly Span[];

  constructor(body: Bytes, spans: readonly Span[]) {
    this.#body = body;
    this.#spans = spans;
  }

  /** The same JSON with the texts in the place of their stamps. A stamp may stand inside of a longer string. */
  into(json: Bytes): Bytes {
    const places: number[] = [];
    let length = json.length;
    for (let stamp = json.indexOf(DELETE); stamp !== -1; stamp = json.indexOf(DELETE, stamp + stampBytes)) {
      const { from, to } = this.#spans[numberAt(json, stamp)]!;
      places.push(stamp);
      length += to - from - quotes - stampBytes;
    }
    return places.length === 0 ? json : this.#joined(json, places, Buffer.allocUnsafe(length));
  }

  #joined(json: Bytes, places: readonly number[], whole: Bytes): Bytes {
    let at = 0;
    let end = 0;
    for (const stamp of places) {
      const { from, to } = this.#spans[numberAt(json, stamp)]!;
      end += json.copy(whole, end, at, stamp);
      end += this.#body.copy(whole, end, from + 1, to - 1);
      at = stamp + stampBytes;
    }
    json.copy(whole, end, at);
    return whole;
  }

  /** Bytes of the texts. */
  get length(): number {
    return this.#spans.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  /** A text with those that were held in it. */
  restored(text: string): string {
    return text.includes(mark) ? text.replaceAll(stamps, (_, number: string) => this.#text(Number(number))) : text;
  }

  /** Messages with their texts, for who keeps them. */
  messages(messages: readonly Message[]): readonly Message[] {
    return messages.map((message) => ({ ...message, parts: message.parts.map((part) => this.#part(part)) }) as Message);
  }

  #part<P extends { readonly type: string }>(part: P): P {
    if (part.type === 'tool-result' && 'content' in part)
      return { ...part, content: (part.content as ToolResultPart['content']).map((inner) => this.#part(inner)) };
    if (part.type !== 'text' || !('text' in part) || typeof part.text !== 'string' || !part.text.includes(mark)) return part;
    return { ...part, text: this.restored(part.text) };
  }

  #text(number: number): string {
    const { from, to } = this.#spans[number]!;
    return parse<string>(this.#body.subarray(from, to));
  }
}

const quotes = 2;
const ZERO = 0x30;

/** The number in the stamp at a place. */
function numberAt(json: Bytes, stamp: number): number {
  let number = 0;
  for (let at = stamp + 1; at <= stamp + digits; at += 1) number = 10 * number + json[at]! - ZERO;
  return number;
}
