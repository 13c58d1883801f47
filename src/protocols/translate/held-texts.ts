import type { Message } from '../../core/canonical/message.ts';
import type { ToolResultPart } from '../../core/canonical/part.ts';
import { parse, type Bytes, type Json } from '../../core/json.ts';
import type { Outline } from '../../core/scan.ts';
import { escapedDelete as escaped, type KnownLists } from './known-lists.ts';
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

const stampOf = (number: number): string => `${mark}${String(number).padStart(digits, '0')}${mark}`;

/** A body as JSON, in which some texts may be held. */
export interface ReadBody {
  readonly json: Json;
  readonly held?: HeldTexts | undefined;
  /** Of the body. */
  readonly bytes: number;
}

/** The list of a body that comes again and again. */
const knownKey = 'tools';

export interface Reading {
  /** Texts that are shorter are parsed. */
  readonly minBytes?: number;
  /** Lists of tools that were parsed before. */
  readonly known?: KnownLists | undefined;
}

/**
 * Parses a body without the long texts of its messages: they stand in it as stamps, and go on as the bytes they came in. A JSON string means
 * the same in every API, so to decode and to encode it again would only cost: it is half of what translating a call costs. Like on the way
 * within one API, what is wrong inside such a string is the provider's to find. Nor are tools parsed that are known.
 * @throws {SyntaxError} when what is left is not JSON
 */
export function readBody(
  body: Bytes,
  { tape, members }: Pick<Outline, 'tape' | 'members'>,
  { minBytes = minHeldBytes, known }: Reading = {},
): ReadBody {
  const spans = textSpans(body, tape, Math.max(minBytes, 3));
  if (body.includes(DELETE)) return plain(body);
  const member = known && members.get(knownKey);
  const list = member && known.of(body.subarray(member.from, member.to));
  if (spans.length === 0 && !list) return plain(body);
  const left = leftOf(body, spans, list && member);
  if (escaped.test(left)) return plain(body);
  const held = new HeldTexts(spans.map(({ from, to }) => body.subarray(from, to)));
  const json = JSON.parse(left) as Record<string, Json>;
  if (list) json[knownKey] = list;
  return { json, held, bytes: body.length };
}

/** The JSON of a body with stamps in the place of texts, and nothing in the place of a known list. */
function leftOf(body: Bytes, spans: readonly Span[], known: Span | undefined): string {
  let text = '';
  let at = 0;
  const cut = (from: number, to: number, instead: string): void => {
    text += body.toString('utf8', at, from) + instead;
    at = to;
  };
  let isCut = known === undefined;
  for (const [number, { from, to }] of spans.entries()) {
    if (!isCut && from > known!.from) {
      cut(known!.from, known!.to, 'null');
      isCut = true;
    }
    cut(from, to, `"${stampOf(number)}"`);
  }
  if (!isCut) cut(known!.from, known!.to, 'null');
  return text + body.toString('utf8', at);
}

/** A body of which everything is parsed. @throws {SyntaxError} when it is not JSON */
export const plain = (body: Bytes): ReadBody => ({ json: parse<Json>(body), bytes: body.length });

/** The JSON strings of one body that were not parsed. */
export class HeldTexts {
  readonly #texts: readonly Bytes[];

  constructor(texts: readonly Bytes[]) {
    this.#texts = texts;
  }

  /** The same JSON with the texts in the place of their stamps. A stamp may stand inside of a longer string. */
  into(json: Bytes): Bytes {
    const pieces: Bytes[] = [];
    let at = 0;
    for (let stamp = json.indexOf(DELETE); stamp !== -1; stamp = json.indexOf(DELETE, at)) {
      const text = this.#texts[Number(json.toString('latin1', stamp + 1, stamp + 1 + digits))]!;
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
    if (part.type === 'tool-result' && 'content' in part)
      return { ...part, content: (part.content as ToolResultPart['content']).map((inner) => this.#part(inner)) };
    if (part.type !== 'text' || !('text' in part) || typeof part.text !== 'string' || !part.text.includes(mark)) return part;
    return { ...part, text: part.text.replaceAll(stamps, (_, number: string) => this.#text(Number(number))) };
  }

  #text = (number: number): string => parse<string>(this.#texts[number]!);
}
