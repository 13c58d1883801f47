import type { Window } from './digit-windows.ts';
import type { Finding } from './finding.ts';
import type { Kind } from './kinds.ts';

/** A value known by its shape. Every repetition in `pattern` has an upper bound, so that a search takes time linear in the text. */
export interface ShapeRule {
  readonly kind: Kind;
  /** With the flag `g`. The value is its group `value`, or all of it. */
  readonly pattern: RegExp;
  /** Whether a match is one: checksums, contexts. `text` and `from`: where it stands. */
  readonly isReal?: (value: string, text: string, from: number) => boolean;
}

/** All values of a rule in a text, or in a window of it. */
export function matches({ kind, pattern, isReal }: ShapeRule, text: string, found: Finding[], window?: Window): void {
  const piece = window ? text.slice(window.from, window.to) : text;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(piece); match; match = pattern.exec(piece)) {
    const value = match.groups?.['value'] ?? match[0];
    const from = (window?.from ?? 0) + match.index + match[0].lastIndexOf(value);
    if (!isReal || isReal(value, text, from)) found.push({ kind, from, to: from + value.length });
    if (match[0].length === 0) pattern.lastIndex += 1;
  }
}
