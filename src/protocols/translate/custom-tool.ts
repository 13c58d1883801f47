import type { CustomTool, FunctionTool } from '../../core/canonical/tool.ts';
import { field } from '../count.ts';

/** The one argument of a function that stands for a tool which takes free text. */
const argument = 'input';

/**
 * A tool that takes free text, for APIs that have functions only. The grammar stands in the description: the model keeps to it as well as it can.
 * Its calls come back as calls of a function; encoders for a client who knows such tools take the text out again with `FreeText`.
 */
export function functionOf({ name, description, format }: CustomTool): FunctionTool {
  const definition = format?.['definition'];
  const grammar = typeof definition === 'string' ? `The input must keep to this grammar:\n${definition}` : undefined;
  return {
    type: 'function',
    name,
    description: [description, grammar].filter((text) => text !== undefined).join('\n\n'),
    parameters: { type: 'object', properties: { [argument]: { type: 'string' } }, required: [argument], additionalProperties: false },
  };
}

/** The text of a custom tool's call as arguments of its function. */
export const argumentsOf = (text: string): string => JSON.stringify({ [argument]: text });

/** The text in the arguments of a custom tool's function; arguments of another shape are taken as they are. */
export function freeTextOf(json: string): string {
  const text = field(valueOf(json), argument);
  return typeof text === 'string' ? text : json;
}

const opening = new RegExp(`^\\s*\\{\\s*"${argument}"\\s*:\\s*"`);
/** In so many characters the opening must have come. */
const maxOpening = 64;

/** The text of a custom tool's call out of the arguments of its function while they come, in fragments. */
export class FreeText {
  /** What came and did not go out yet. */
  #rest = '';
  #place: 'before' | 'inside' | 'behind' = 'before';

  /** The text that a fragment brings. */
  add(fragment: string): string {
    if (this.#place === 'behind') return '';
    this.#rest += fragment;
    if (this.#place === 'before' && !this.#open()) return '';
    const end = this.#endOfText();
    const raw = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end);
    return raw.includes('\\') ? textOf(raw) : raw;
  }

  /** What is missing when all fragments came: all of it, when the arguments have another shape. */
  end(): string {
    return this.#place === 'before' && this.#rest !== '' ? freeTextOf(this.#rest) : '';
  }

  #open(): boolean {
    const found = opening.exec(this.#rest.slice(0, maxOpening));
    if (!found) return false;
    this.#rest = this.#rest.slice(found[0].length);
    this.#place = 'inside';
    return true;
  }

  /** Where the closing quote stands, or an escape that is not whole yet, or the end. */
  #endOfText(): number {
    const text = this.#rest;
    for (let at = 0; at < text.length; at++) {
      if (text[at] === '"') {
        this.#place = 'behind';
        return at;
      }
      if (text[at] !== '\\') continue;
      const length = escapeLength(text, at);
      if (at + length > text.length) return at;
      at += length - 1;
    }
    return text.length;
  }
}

/** Characters of the escape at a place; the two halves of one character are one. */
function escapeLength(text: string, at: number): number {
  if (text[at + 1] !== 'u') return 2;
  const isHalf = /^d[89ab]/i.test(text.slice(at + 2, at + 4));
  return isHalf && (text.length <= at + 6 || text[at + 6] === '\\') ? 12 : 6;
}

/** The text between the quotes of a JSON string. */
function textOf(raw: string): string {
  const text = valueOf(`"${raw}"`);
  return typeof text === 'string' ? text : raw;
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
