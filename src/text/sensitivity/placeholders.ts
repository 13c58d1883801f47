import { createHmac } from 'node:crypto';
import { builtInKinds, type Kind } from './kinds.ts';

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
/** Characters of the hash in a placeholder: 60 bits, so that two values of a call never share one. */
const hashLength = 12;
/** What all placeholders begin with. */
export const placeholderStart = 'MASKED_';

/** `MASKED_EMAIL_k3f9...`: letters a model copies as they are, and that need no escape in JSON, Markdown or a URL. */
export function placeholderOf(key: Uint8Array, conversation: string, kind: Kind, value: string): string {
  const hash = createHmac('sha256', key).update(`${conversation.length}:${conversation}${kind}:`).update(value).digest();
  let name = '';
  for (let at = 0; at < hashLength; at += 1) name += alphabet[hash[at]! & 31]!;
  return `${placeholderStart}${kind.toUpperCase()}_${name}`;
}

const anyPlaceholder = new RegExp(
  `${placeholderStart}(?:${[...builtInKinds, 'word', 'pattern'].join('|').toUpperCase()})_[${alphabet}]{${hashLength}}`,
  'g',
);

/** The placeholders of one call and the values they stand for. */
export class Placeholders {
  readonly #placeholderFor: (kind: Kind, value: string) => string;
  readonly #byValue = new Map<string, string>();
  readonly #values = new Map<string, string>();

  constructor(placeholderFor: (kind: Kind, value: string) => string) {
    this.#placeholderFor = placeholderFor;
  }

  get size(): number {
    return this.#values.size;
  }

  /** The same value has the same placeholder, whatever it was first found as. */
  for(kind: Kind, value: string): string {
    const known = this.#byValue.get(value);
    if (known !== undefined) return known;
    const placeholder = this.#placeholderFor(kind, value);
    this.#byValue.set(value, placeholder);
    this.#values.set(placeholder, value);
    return placeholder;
  }

  /** A text with the values back in it. `escape`: how a value is written where it stands. */
  restored(text: string, escape: (value: string) => string = (value) => value): string {
    if (!text.includes(placeholderStart)) return text;
    return text.replaceAll(anyPlaceholder, (placeholder) => {
      const value = this.#values.get(placeholder);
      return value === undefined ? placeholder : escape(value);
    });
  }

  /** Where the longest end of `text` starts that may be the beginning of a placeholder of this call; the text's length when none is. */
  openEnd(text: string): number {
    const from = Math.max(0, text.length - maxPlaceholderLength);
    for (let at = text.indexOf('M', from); at !== -1; at = text.indexOf('M', at + 1)) if (this.#mayBegin(text.slice(at))) return at;
    return text.length;
  }

  #mayBegin(end: string): boolean {
    if (this.size === 0) return false;
    if (end.length <= placeholderStart.length) return placeholderStart.startsWith(end);
    if (!end.startsWith(placeholderStart)) return false;
    for (const name of this.#values.keys()) if (name.length > end.length && name.startsWith(end)) return true;
    return false;
  }
}

/** Longer than any placeholder is. */
const maxPlaceholderLength = 64;
