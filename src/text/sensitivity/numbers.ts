import * as check from './checksums.ts';
import { contextLength, isNear } from './context.ts';
import type { Finding } from './finding.ts';
import type { Kind } from './kinds.ts';
import type { FieldFamily } from './words.ts';

/** A run of digits with what may stand between them, as it stands in the text. */
export interface NumberRun {
  /** As written. */
  readonly raw: string;
  readonly digits: string;
  readonly text: string;
  readonly from: number;
  readonly field: string | undefined;
}

interface NumberRule {
  readonly kind: Kind;
  readonly isReal: (run: NumberRun) => boolean;
}

const near =
  (family: FieldFamily) =>
  ({ text, from, field }: NumberRun): boolean =>
    isNear(family, text, from, field);
/** A number is taken in the form it is printed in, or when a word says what it is; a bare number of the same length is more often something else. */
const printedOrNamed =
  (printed: RegExp, family: FieldFamily, isValid: (digits: string) => boolean) =>
  (run: NumberRun): boolean =>
    isValid(run.digits) && (printed.test(run.raw) || (isPlain(run.raw) && near(family)(run)));
const isPlain = (raw: string): boolean => /^\d[\d .\-/]*\d$/.test(raw);

/** From the surest to the least sure: the first that holds names the number. */
const rules: readonly NumberRule[] = [
  { kind: 'credit_card', isReal: (run) => isCard(run) },
  { kind: 'us_ssn', isReal: printedOrNamed(/^\d{3}([- ])\d{2}\1\d{4}$/, 'us_ssn', check.isSsn) },
  { kind: 'br_cpf', isReal: printedOrNamed(/^\d{3}\.\d{3}\.\d{3}-\d{2}$/, 'br_cpf', check.isCpf) },
  { kind: 'pl_pesel', isReal: printedOrNamed(/^$/, 'pl_pesel', check.isPesel) },
  { kind: 'de_tax_id', isReal: printedOrNamed(/^\d{2} \d{3} \d{3} \d{3}$/, 'de_tax_id', check.isGermanTaxId) },
  { kind: 'fr_nir', isReal: ({ raw, digits }) => /^[\d ]+$/.test(raw) && check.isFrenchNir(digits) },
  {
    kind: 'in_aadhaar',
    isReal: printedOrNamed(
      /^[2-9]\d{3}([ -])\d{4}\1\d{4}$/,
      'in_aadhaar',
      (digits) => digits.length === 12 && /^[2-9]/.test(digits) && check.isVerhoeff(digits),
    ),
  },
  {
    kind: 'kr_rrn',
    isReal: printedOrNamed(
      /^\d{6}-\d{7}$/,
      'kr_rrn',
      (digits) => digits.length === 13 && /^[0-9]$/.test(digits[6]!) && check.isKoreanRrn(digits),
    ),
  },
  {
    kind: 'ca_sin',
    isReal: (run) =>
      isSin(run.digits) &&
      isPlain(run.raw) &&
      (near('ca_sin')(run) || sinInCapitals.test(contextOf(run)) || run.field?.toLowerCase() === 'sin'),
  },
  { kind: 'nl_bsn', isReal: printedOrNamed(/^$/, 'nl_bsn', check.isBsn) },
  { kind: 'phone', isReal: (run) => isPhone(run) },
];

const isSin = (digits: string): boolean => digits.length === 9 && !digits.startsWith('0') && check.isLuhn(digits);
/** In small letters it is Spanish for "without". */
const sinInCapitals = /(?<![A-Za-z])(?:SIN|NAS)(?![A-Za-z])/;
const contextOf = ({ text, from }: NumberRun): string => text.slice(Math.max(0, from - contextLength), from);

/** Lengths by the first digits that card networks have. */
const networks: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8]\d)/, [16]],
  [/^3(?:0[0-5]|[689])/, [14]],
  [/^62/, [16, 17, 18, 19]],
  [/^220[0-4]/, [16]],
  [/^(?:50|5[6-9]|6[37])/, [16, 18, 19]],
];

function isCard({ raw, digits }: NumberRun): boolean {
  if (digits.length < 13 || !/^\d+(?:([ -])\d+(?:\1\d+){0,4})?$/.test(raw)) return false;
  return (
    networks.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits)) &&
    check.isLuhn(digits) &&
    !/^(\d)\1*$/.test(digits)
  );
}

/** International numbers by their plus, those of North America by their form, all others by a word before them. */
function isPhone(run: NumberRun): boolean {
  const { raw, digits } = run;
  if (digits.length < 7 || digits.length > 15) return false;
  if (/^\+[1-9]/.test(raw)) return true;
  if (/^00[1-9]\d{0,2}[ ./-]/.test(raw)) return digits.length >= 10 && !/^[01]+$/.test(digits);
  if (/^(?:1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}$/.test(raw)) return true;
  return /[^\d.]|^0|^\d{7,11}$/.test(raw) && !isDateOrTime(raw) && near('phone')(run);
}

const isDateOrTime = (raw: string): boolean => /^(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}|^\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}$/.test(raw);

/** Digits with single separators between them; neither part of a longer word nor of a decimal number. A comma may part columns. */
const runPattern =
  /(?:(?<![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d_.:/@#&-]|\d,)|(?<=:)(?=\+))(?:\+|\(\+?)?\d(?:[ ]?[()./-]?[ ]?\d){5,18}(?![\d_]|[.:-]\d|\p{Script=Latin})/gu;

/** Before a comma and another digit, shorter ones are rather whole parts of decimal numbers. */
const minColumn = 9;

/** Numbers that are something of a person's. */
export function findNumbers(text: string, field: string | undefined, found: Finding[]): void {
  runPattern.lastIndex = 0;
  for (let match = runPattern.exec(text); match; match = runPattern.exec(text)) {
    const opened = match[0].startsWith('(') && !match[0].includes(')') ? 1 : 0; // the bracket belongs to the sentence
    const raw = match[0].slice(opened);
    const end = match.index + match[0].length;
    if (match[0].length < minColumn && text[end] === ',' && /\d/.test(text[end + 1] ?? '')) continue;
    const run = { raw, digits: check.digitsOf(raw), text, from: match.index + opened, field };
    const rule = rules.find(({ isReal }) => isReal(run));
    if (rule) found.push({ kind: rule.kind, from: run.from, to: run.from + run.raw.length });
  }
}
