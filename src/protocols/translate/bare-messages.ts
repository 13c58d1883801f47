import type { Message } from '../../core/canonical/message.ts';
import { parse, type Bytes } from '../../core/json.ts';
import { Mark } from '../../core/scan.ts';
import { isText, maxHeld, type Span } from './text-spans.ts';

type BareRole = 'user' | 'assistant' | 'system' | 'developer';

/** A message that is a role and one string, as most are that no tool has a part in. It need not be asked for its fields one by one. */
export class BareMessage {
  readonly role: BareRole;
  readonly content: string;

  constructor(role: BareRole, content: string) {
    this.role = role;
    this.content = content;
  }

  message(): Message {
    return { role: this.role, parts: [{ type: 'text', text: this.content }] };
  }
}

export interface BareList {
  readonly messages: readonly BareMessage[];
  /** Their long texts, in order. */
  readonly spans: readonly Span[];
}

interface Reading {
  /** Shorter texts are parsed. */
  readonly minBytes: number;
  /** What stands in the place of a long text, by its number. */
  readonly stampOf: (number: number) => string;
}

/**
 * The messages of a list in which all are bare, from the outline alone. `undefined` when one is not, or holds what looks like a stamp.
 * @throws {SyntaxError} for a short text that is no JSON
 */
export function bareMessages(body: Bytes, tape: Int32Array, list: Span, { minBytes, stampOf }: Reading): BareList | undefined {
  if (tape.length % entries !== 0 || tape.length > entries * maxHeld) return undefined;
  const messages: BareMessage[] = [];
  const spans: Span[] = [];
  for (let at = 0; at < tape.length; at += entries) {
    const role = isBare(body, tape, at) && tape[at + 1]! > list.from && tape[at + 2]! < list.to ? roleOf(body, tape, at) : undefined;
    if (!role) return undefined;
    const from = tape[at + 7]!;
    const to = tape[at + 8]!;
    const isHeld = to - from >= minBytes && isText(body, from, to);
    const content = isHeld ? stampOf(spans.length) : parse<string>(body.subarray(from, to));
    if (isHeld) spans.push({ from, to });
    else if (content === '' || content.includes('\x7f')) return undefined;
    messages.push(new BareMessage(role, content));
  }
  return { messages, spans };
}

/** Of the tape for one message: its item, its role and its content, three numbers each. */
const entries = 9;
/** Of what stands around the values, without white space. */
const beforeRole = '{"role":'.length;
const beforeContent = ',"content":'.length;
/** White space more than that is taken for something else; the shortest member would be longer. */
const maxSpace = 3;

/** Whether there is nothing in an item but a role and a string: all bytes beside them are those of its two keys. */
function isBare(body: Bytes, tape: Int32Array, at: number): boolean {
  return (
    tape[at] === Mark.Item &&
    tape[at + 3] === Mark.Role &&
    tape[at + 6] === Mark.Content &&
    tape[at + 4]! - tape[at + 1]! <= beforeRole + maxSpace &&
    tape[at + 7]! - tape[at + 5]! <= beforeContent + maxSpace &&
    tape[at + 2]! - tape[at + 8]! <= 1 + maxSpace &&
    body[tape[at + 7]!] === QUOTE
  );
}

function roleOf(body: Bytes, tape: Int32Array, at: number): BareRole | undefined {
  return roles.get(body.toString('latin1', tape[at + 4], tape[at + 5]));
}

const QUOTE = 0x22;
const roles: ReadonlyMap<string, BareRole> = new Map(
  (['user', 'assistant', 'system', 'developer'] as const).map((role) => [`"${role}"`, role]),
);
