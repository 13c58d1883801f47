import { disjoint, type Finding } from './finding.ts';
import { findInField, findLabelled } from './labelled.ts';
import { findNumbers } from './numbers.ts';
import { findPersonal } from './personal.ts';
import { findVendorSecrets } from './secrets.ts';

/** What a detector is told: a text, and the name of the field it is the value of. */
export type Detect = (text: string, field?: string) => readonly Finding[];

/** Shorter than this nothing is anything. */
const minLength = 4;
const mayHold = /[\d@:=：は是为為은는이-]|\d\d/;

/** What the built-in detectors find, without overlaps. */
export const detect: Detect = (text, field) => disjoint(detectAll(text, field));

/** The same, values that overlap each by itself. Time is linear in the length of the text. */
export function detectAll(text: string, field: string | undefined): readonly Finding[] {
  if (text.length < minLength) return [];
  const found: Finding[] = [];
  if (field !== undefined) findInField(text, field, found);
  if (mayHold.test(text)) {
    findVendorSecrets(text, found);
    findPersonal(text, found);
    findNumbers(text, field, found);
    findLabelled(text, found);
  }
  return found;
}
