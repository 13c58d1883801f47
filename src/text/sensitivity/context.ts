import { fieldWords, type FieldFamily } from './words.ts';

/** How far before a value the word that explains it may stand, in UTF-16 units. */
export const contextLength = 64;

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** Latin words stand alone; others may stand in one piece with their neighbours. */
const patterns = new Map<FieldFamily, RegExp>();

function patternOf(family: FieldFamily): RegExp {
  const known = patterns.get(family);
  if (known) return known;
  const words = fieldWords[family].map((word) => (/^[a-z]/.test(word) ? `(?<![a-z])${escaped(word)}(?![a-z])` : escaped(word)));
  const made = new RegExp(words.join('|'), 'i');
  patterns.set(family, made);
  return made;
}

/** Whether a word of the family stands shortly before the place, or names the field the text stands in. */
export function isNear(family: FieldFamily, text: string, from: number, field: string | undefined): boolean {
  const before = text.slice(Math.max(0, from - contextLength), from);
  if (patternOf(family).test(before)) return true;
  return field !== undefined && patternOf(family).test(field.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[_-]/g, ' '));
}
