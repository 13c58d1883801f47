import type { Finding } from './finding.ts';
import { matches, type ShapeRule } from './rule.ts';

/** What a `*` or a `+` repeats at most. */
export const maxRepeats = 64;
/** How many ways a pattern of the configuration may have to match from one place: the product of its ranges. It bounds the time per character. */
export const maxWays = maxRepeats * maxRepeats;

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Words as a rule: any case, not inside longer words of letters. */
export function wordRule(words: readonly string[]): ShapeRule {
  const alternatives = words.toSorted((a, b) => b.length - a.length).map(escaped);
  return { kind: 'word', pattern: new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives.join('|')})(?![\\p{L}\\p{N}])`, 'giu') };
}

/** A pattern of the configuration, its repetitions bounded. @throws {SyntaxError} what is wrong with it, in words for its author */
export function patternRule(source: string): ShapeRule {
  return { kind: 'pattern', pattern: new RegExp(bounded(source), 'gu') };
}

const unsafe = /\\[1-9]|\\k<|\(\?<?[=!]/;
const token = /\\.|\(\?(?::|<[A-Za-z]\w*>)|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[*+?()|]|[^\\[]/gsu;

/** The same pattern with `*`, `+` and `{n,}` bounded. A group that repeats must hold no repetition: that is what makes a search explode. */
function bounded(source: string): string {
  if (unsafe.test(source)) throw new SyntaxError('look-around and back-references are not allowed');
  const groups: { varies: boolean }[] = [{ varies: false }];
  let closed: { varies: boolean } | undefined;
  let ways = 1;
  let result = '';
  for (const [piece] of source.matchAll(token)) {
    const repeat = rangeOf(piece);
    if (repeat) {
      if (closed?.varies) throw new SyntaxError('a group that repeats must not hold a repetition');
      ways *= Math.max(1, repeat.max - repeat.min + 1);
      if (repeat.max > 1 || repeat.min !== repeat.max) groups.at(-1)!.varies = true;
      if (ways > maxWays)
        throw new SyntaxError(`its repetitions can match in more than ${maxWays} ways from one place; give them smaller bounds`);
      result += `{${repeat.min},${repeat.max}}`;
      closed = undefined;
      continue;
    }
    if (piece.startsWith('(')) groups.push({ varies: false });
    closed = piece === ')' && groups.length > 1 ? groups.pop() : undefined;
    if (closed?.varies) groups.at(-1)!.varies = true;
    result += piece;
  }
  return result;
}

function rangeOf(piece: string): { readonly min: number; readonly max: number } | undefined {
  if (piece === '*') return { min: 0, max: maxRepeats };
  if (piece === '+') return { min: 1, max: maxRepeats };
  if (piece === '?') return { min: 0, max: 1 };
  const match = /^\{(\d+)(,)?(\d*)\}$/.exec(piece);
  if (!match) return undefined;
  const min = Number(match[1]);
  const max = match[3] ? Number(match[3]) : match[2] ? Math.max(min, maxRepeats) : min;
  return { min, max };
}

/** What such rules find in a text. */
export function findBy(rules: readonly ShapeRule[], text: string): readonly Finding[] {
  const found: Finding[] = [];
  for (const rule of rules) matches(rule, text, found);
  return found;
}
