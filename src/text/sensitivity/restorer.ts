import { placeholderStart, type Placeholders } from './placeholders.ts';

const asJson = (value: string): string => JSON.stringify(value).slice(1, -1);
/** How a text begins that is JSON: structured output. */
const jsonHead = /^\s{0,20}(?:\{\s{0,20}["}]|\[\s{0,20}["{[\]])/;
/** Characters of a text that tell whether it is JSON. */
const headLength = 48;

/** Puts values back into a text that comes in pieces; the end of a piece that may be the beginning of a placeholder waits for the next. */
export class Restorer {
  readonly #placeholders: Placeholders;
  #isJson: boolean;
  #head = '';
  #held = '';

  constructor(placeholders: Placeholders, isJson: boolean) {
    this.#placeholders = placeholders;
    this.#isJson = isJson;
  }

  write(piece: string): string {
    if (!this.#isJson && this.#head.length < headLength) {
      this.#head += piece.slice(0, headLength);
      this.#isJson = jsonHead.test(this.#head);
    }
    const text = this.#held + piece;
    const end = this.#placeholders.openEnd(text);
    this.#held = text.slice(end);
    return this.#restored(text.slice(0, end));
  }

  /** What still waits: no placeholder, after all. */
  end(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  #restored(text: string): string {
    return text.includes(placeholderStart) ? this.#placeholders.restored(text, this.#isJson ? asJson : undefined) : text;
  }
}
