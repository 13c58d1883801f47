import { Body } from '../../core/body.ts';
import type { Bytes } from '../../core/json.ts';
import { isSpace } from '../../core/json-space.ts';
import { Mark, maxDepth } from '../../core/scan.ts';
import { endsIn, type Ends } from '../../core/string-ends.ts';

/** Texts that can be told apart. */
export const maxHeld = 4096;

/** Where a JSON string stands, quotes included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Of whom what is said goes on as it is, and so do the answers of tools. */
const roles: ReadonlySet<string> = new Set(['user', 'assistant', 'system', 'developer', 'model', 'tool', 'function']);
/** Items of Responses whose content or output is text. */
const itemTypes: ReadonlySet<string> = new Set(['message', 'text', 'function_call_output', 'custom_tool_call_output']);
/** Of blocks whose `text` is text. Google's have no type. */
const textTypes: ReadonlySet<string | undefined> = new Set(['text', 'input_text', 'output_text', undefined]);
/** What may stand beside a text. Citations may not: they count places in it. */
const besideText: ReadonlySet<string> = new Set(['type', 'text', 'cache_control', 'prompt_cache_breakpoint']);

/** Where what is said stands: contents of messages, texts in their blocks, answers of tools. Shorter than `minBytes` is left out. */
export function textSpans(json: Bytes, tape: Int32Array, minBytes: number): readonly Span[] {
  return new Finder(json, minBytes).find(tape);
}

/** Goes through one body; its outline says that it is well formed down to the blocks. */
class Finder {
  readonly #json: Bytes;
  readonly #minBytes: number;
  readonly #spans: Span[] = [];
  #ends: Ends | undefined;
  /** The item that is open, and what was found in it. */
  #item: Span = { from: 0, to: 0 };
  #own: Span[] = [];
  #isSaid = true;
  #isBlock = true;

  constructor(json: Bytes, minBytes: number) {
    this.#json = json;
    this.#minBytes = minBytes;
  }

  find(tape: Int32Array): readonly Span[] {
    for (let at = 0; at < tape.length; at += 3) this.#take(tape[at]!, tape[at + 1]!, tape[at + 2]!);
    this.#close();
    return this.#spans;
  }

  #take(mark: number, from: number, to: number): void {
    if (mark === Mark.Item) return this.#open(from, to);
    if (mark === Mark.Block) return this.#block(from, to);
    if (mark === Mark.Type) this.#isSaid &&= itemTypes.has(this.#word(from, to));
    else if (mark === Mark.Role || mark === Mark.Content) {
      this.#isBlock = false;
      if (mark === Mark.Content) this.#string(from, to);
      else this.#isSaid &&= roles.has(this.#word(from, to));
    }
  }

  #open(from: number, to: number): void {
    this.#close();
    this.#item = { from, to };
    this.#own = [];
    this.#isSaid = this.#isBlock = true;
  }

  #close(): void {
    if (!this.#isSaid) return;
    if (this.#isBlock) this.#block(this.#item.from, this.#item.to); // of Anthropic's `system`
    this.#spans.push(...this.#own);
  }

  /** `inside`: of the answer of a tool, where no other answers are. */
  #block(from: number, to: number, inside = false): void {
    if (to - from < this.#minBytes || this.#json[from] !== OPEN_OBJECT) return;
    const members = this.#members(from);
    const at = (key: string): Span | undefined => members.findLast((member) => member.key === key);
    const typed = at('type');
    const type = typed && this.#word(typed.from, typed.to);
    const text = at('text');
    const answer = !inside && type === 'tool_result' ? at('content') : undefined;
    if (answer) this.#answer(answer);
    else if (text && textTypes.has(type) && members.every((member) => besideText.has(member.key) || this.#isEmpty(member)))
      this.#string(text.from, text.to);
  }

  #answer({ from, to }: Span): void {
    if (this.#json[from] !== OPEN_LIST) return this.#string(from, to);
    for (let at = this.#space(from + 1); this.#json[at] !== CLOSE_LIST; at = this.#space(at)) {
      const end = this.#valueEnd(at);
      this.#block(at, end, true);
      at = this.#space(end);
      if (this.#json[at] === COMMA) at += 1;
    }
  }

  /** What stands in an object, in order. */
  #members(from: number): readonly Member[] {
    const members: Member[] = [];
    for (let at = this.#space(from + 1); this.#json[at] !== CLOSE_OBJECT; at = this.#space(at)) {
      const keyEnd = this.#valueEnd(at);
      const value = this.#space(this.#space(keyEnd) + 1);
      const end = this.#valueEnd(value);
      members.push({ key: this.#word(at, keyEnd), from: value, to: end });
      at = this.#space(end);
      if (this.#json[at] === COMMA) at += 1;
    }
    return members;
  }

  #valueEnd(from: number): number {
    this.#ends ??= endsIn(new Body([this.#json]));
    const byte = this.#json[from];
    if (byte === QUOTE) return this.#found(this.#ends.stringEnd(from + 1));
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) return this.#found(this.#ends.nestedEnd(from, maxDepth));
    let at = from;
    while (at < this.#json.length && isOfScalar(this.#json[at]!)) at += 1;
    return this.#found(at === from ? -1 : at);
  }

  /** @throws {SyntaxError} inside of lists of blocks the outline does not look */
  #found(end: number): number {
    if (end < 0) throw new SyntaxError('a block of the body is not JSON');
    return end;
  }

  #space(from: number): number {
    let at = from;
    while (isSpace(this.#json[at])) at += 1;
    return at;
  }

  #isEmpty({ from, to }: Span): boolean {
    const value = this.#json.toString('latin1', from, Math.min(to, from + 4));
    return to - from <= 4 && (value === '[]' || value === 'null');
  }

  /** A short string; its escapes stay, and what has some is no word that is known. */
  #word(from: number, to: number): string {
    return this.#json.toString('latin1', from + 1, Math.min(to - 1, from + maxWordBytes));
  }

  #string(from: number, to: number): void {
    if (to - from >= this.#minBytes && isText(this.#json, from, to) && this.#spans.length + this.#own.length < maxHeld)
      this.#own.push({ from, to });
  }
}

/** A string that says something: texts of white space alone are left out by some APIs. Which signs beyond ASCII are white space is not looked up. */
export function isText(json: Bytes, from: number, to: number): boolean {
  if (json[from] !== QUOTE) return false;
  const most = Math.min(to - 1, from + maxIndentBytes);
  for (let at = from + 1; at < most; at += 1) {
    const byte = json[at]!;
    if (byte === BACKSLASH && isEscapedSpace(json[at + 1]!)) at += 1;
    else if (byte !== SPACE) return byte > SPACE && byte < 0x7f && byte !== BACKSLASH;
  }
  return false;
}

interface Member extends Span {
  readonly key: string;
}

/** Longer words are none that is known. */
const maxWordBytes = 64;
/** White space before a text, at most. */
const maxIndentBytes = 256;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Behind a backslash: n, r or t. */
const isEscapedSpace = (byte: number): boolean => byte === 0x6e || byte === 0x72 || byte === 0x74;
const isOfScalar = (byte: number): boolean => byte !== COMMA && byte !== CLOSE_OBJECT && byte !== CLOSE_LIST && !isSpace(byte);
