import { digitsOf, isDate } from './checksums.ts';
import { entropyBits } from './entropy.ts';
import type { Finding } from './finding.ts';
import type { Kind } from './kinds.ts';
import { fieldWords, type FieldFamily } from './words.ts';

/** Families whose values are known by the word before them, not by their own form. */
type Labelled = Extract<FieldFamily, 'password' | 'secret' | 'birth' | 'passport'>;

const kindOf: Readonly<Record<Labelled, Kind>> = {
  password: 'password',
  secret: 'assigned_secret',
  birth: 'birth_date',
  passport: 'passport',
};

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const longestFirst = (words: readonly string[]): string =>
  words
    .toSorted((a, b) => b.length - a.length)
    .map(escaped)
    .join('|');

const families: readonly Labelled[] = ['password', 'secret', 'birth', 'passport'];
const familyOfWord: ReadonlyMap<string, Labelled> = new Map(
  families.flatMap((family) => fieldWords[family].map((word) => [word, family] as const)),
);

/** Words may be the end of a longer name (`DB_PASSWORD`, `userPassword`), never its beginning. */
const anyWord = new RegExp(`(?:${longestFirst(families.flatMap((family) => [...fieldWords[family]]))})`, 'gi');

/** Between a word and its value: quotes, a plural, a colon, an equals sign, or a word for "is" in some languages. */
const joint =
  /(?:["'`*_\])]{0,3}\s{0,3}(?::=|=>|[:=：＝]|－)\s{0,3}|\s{1,3}(?:(?:is|ist|lautet|est|es|è|e|é|jest|to|är|er|on|je|этo|это)\s{1,3})|(?:は|是|为|為|은|는|이|:)\s{0,2})["'`*]{0,3}/y;
const softJoint =
  /(?:\s?\.)?(?:\s{0,3}(?:[:=：]|[-–]\s|(?:(?:no|nr|number|nummer|номер)(?![a-zа-я])|№|n°|#)\s?\.?\s{0,2}[:：]?)|\s{0,3}(?:is|ist|est|es|è|é|jest|är|er|on|je|это|は|是|为|為|은|는|이)|["']{1,2}\s{0,2}[:=])?[\s"'(]{0,4}/iy;

/** `--password VALUE` */
const flagJoint = /\s{1,3}["']?/y;
const isFlag = (text: string, end: number): boolean => /(?:^|\s)--[\w-]{3,40}$/.test(text.slice(Math.max(0, end - 44), end));

const unquoted = /[^\s"'`,;<>()[\]{}，。、；]{4,200}/y;
const quoted = /(?<=["'`])[^"'`\r\n]{4,200}(?=["'`])/y;
const dateValue =
  /(?:\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?|\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{4}|\d{1,2}\.?\s(?:de\s)?\p{L}{3,12}\.?,?\s(?:de\s)?\d{4}|\p{L}{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{4}년\s?\d{1,2}월\s?\d{1,2}일)/uy;
const passportValue = /(?![A-Z]{6,9}(?![0-9]))[A-Z0-9]{1,3}[ ]?[0-9][A-Z0-9]{4,8}(?![A-Za-z0-9])/y;

const sticky = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** Values that a word before them gives away, in a text. */
export function findLabelled(text: string, found: Finding[]): void {
  anyWord.lastIndex = 0;
  for (let match = anyWord.exec(text); match; match = anyWord.exec(text)) {
    const at = match.index + match[0].length;
    const family = familyOfWord.get(match[0].toLowerCase());
    if (family && isWordEnd(text, at) && isWordStart(text, match.index, family)) findAfter(text, at, family, found);
  }
}

/** The value of a field of this name. */
export function findInField(text: string, field: string, found: Finding[]): void {
  const family = familyOfField(field);
  if (!family || text.length > 4096) return;
  const trimmed = text.trim();
  const from = text.indexOf(trimmed);
  const isReal =
    family === 'password'
      ? trimmed.length >= 4 && !isPlaceholder(trimmed) && !/\s/.test(trimmed)
      : family === 'secret'
        ? isSecretValue(trimmed)
        : family === 'birth'
          ? sticky(dateValue, trimmed, 0) !== undefined || /^\d{8}$/.test(trimmed)
          : /^[A-Z0-9 ]{5,12}$/.test(trimmed) && /\d/.test(trimmed);
  if (isReal) found.push({ kind: kindOf[family], from, to: from + trimmed.length });
}

/** `dbPassword`, `DB_PASSWORD`, `x-api-key`, `dateOfBirth`: by how the name ends. */
export function familyOfField(field: string): Labelled | undefined {
  const name = field.slice(-40).toLowerCase();
  const spaced = field
    .slice(-40)
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  for (const [word, family] of familyOfWord) if (endsAsWord(name, word) || endsAsWord(spaced, word)) return family;
  return undefined;
}

function endsAsWord(name: string, word: string): boolean {
  if (!name.endsWith(word)) return false;
  const before = name[name.length - word.length - 1];
  return before === undefined || !/[a-z]/.test(before) || word.length >= 8;
}

const isWordEnd = (text: string, at: number): boolean =>
  !/[\p{Script=Latin}\p{Script=Cyrillic}\d]/u.test(text[at] ?? ' ') ||
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text[at - 1]!);

/** A name may lead up to words for secrets: `DB_PASSWORD`, `userPassword`. */
function isWordStart(text: string, at: number, family: Labelled): boolean {
  const before = text[at - 1] ?? ' ';
  if (!/[\p{L}\d]/u.test(before)) return true;
  if (family === 'birth' || family === 'passport') return !/[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(before);
  return /\p{Lu}/u.test(text[at]!) ? /\p{Ll}/u.test(before) : !/[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(before);
}

function findAfter(text: string, at: number, family: Labelled, found: Finding[]): void {
  if (family === 'birth' || family === 'passport') return findSoft(text, at, family, found);
  const joined = sticky(joint, text, at) ?? (isFlag(text, at) ? sticky(flagJoint, text, at) : undefined);
  const between = joined ?? (family === 'password' ? sticky(flagJoint, text, at) : undefined);
  if (between === undefined) return;
  const from = at + between.length;
  const isAssigned = /[:=：＝]/.test(between);
  const inQuotes = /["'`]$/.test(between) ? sticky(quoted, text, from) : undefined;
  const raw = inQuotes ?? sticky(unquoted, text, from)?.replace(/[.?:]{1,5}$/, '');
  if (raw === undefined) return;
  const isMarked = /[*_]/.test(text.slice(Math.max(0, at - maxMarked), from)); // bold or italic: its end is no part of the value
  const value = inQuotes === undefined && isMarked ? raw.replace(/[*_]{1,3}$/, '') : raw;
  if (joined === undefined && !isOpaqueWord(value)) return;
  const isReal = family === 'password' ? isPasswordValue(value, isAssigned && inQuotes !== undefined) : isSecretValue(value);
  if (isReal) found.push({ kind: kindOf[family], from, to: from + value.length });
}

/** How far before a value its mark may begin. */
const maxMarked = 40;

/** What is no word of a sentence: `password qX7...`, as in `.netrc`. */
const isOpaqueWord = (value: string): boolean =>
  isSecretValue(value) || (value.length >= 8 && /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) && /^\w/.test(value));

function findSoft(text: string, at: number, family: 'birth' | 'passport', found: Finding[]): void {
  const from = at + (sticky(softJoint, text, at)?.length ?? 0);
  const value = sticky(family === 'birth' ? dateValue : passportValue, text, from);
  if (value === undefined || (family === 'passport' && digitsOf(value).length < (value.length === 9 ? 3 : 5))) return;
  if (family === 'birth' && !isPlausible(value)) return;
  found.push({ kind: kindOf[family], from, to: from + value.length });
}

/** Dates in figures must be days that exist, in one order or the other. */
function isPlausible(date: string): boolean {
  const [a, b, c] = date.split(/\D{1,3}/).filter((part) => part !== '') as [string, string, string];
  if (/\p{L}{3}/u.test(date)) return true;
  return a.length === 4 ? isDate(a, b, c) : isDate(c, b, a) || isDate(c, a, b);
}

const placeholderWords =
  /^(?:\*{3,}|x{3,}|\.{3,}|-{3,}|_{3,}|null|none|nil|undefined|true|false|string|text|required|optional|redacted|hidden|masked|changeme|password|passwort|secret|token|example|placeholder|todo|tbd|n\/a|your[-_ ].{0,60}|my[-_ ](?:password|secret|token|key)|<.{0,80}|\[.{0,80}|\{.{0,80}|\$.{0,80}|%.{0,80}|process\.env.{0,80}|os\.(?:environ|getenv).{0,80}|env\..{0,80}|getenv.{0,80}|config\..{0,80}|self\..{0,80}|this\..{0,80}|req\..{0,80}|args\..{0,80}|options\..{0,80}|vault:.{0,80}|secrets?\..{0,80})$/i;

const isPlaceholder = (value: string): boolean => placeholderWords.test(value) || /^(.)\1*$/.test(value);

const classesOf = (value: string): number => [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((set) => set.test(value)).length;

/** In quotes behind an equals sign nearly anything is one; in running text it must look like one. */
function isPasswordValue(value: string, isQuoted: boolean): boolean {
  if (value.length < (isQuoted ? 4 : 6) || isPlaceholder(value) || isCode(value)) return false;
  if (isQuoted) return !/\s/.test(value) && (classesOf(value) >= 2 || value.length >= 8);
  if (classesOf(value.replace(/[!?]{1,3}$/, '')) >= 3) return true;
  return classesOf(value) >= 2 && /\d/.test(value) && !/^[\d.,:/%-]*$/.test(value);
}

/** Random enough to be a key: long, of letters and digits. */
function isSecretValue(value: string): boolean {
  if (value.length < 16 || isPlaceholder(value) || isCode(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value) || /\s/.test(value))
    return false;
  return entropyBits(value) >= 3 && !/^[A-Za-z]{1,40}(?:[-_./:][A-Za-z]{1,40}){1,20}\d{0,4}$/.test(value);
}

const isCode = (value: string): boolean => /[()]|^[A-Za-z_]{1,60}(?:\.[A-Za-z_]{1,60}){1,10}$|^(?:https?|file):\/\//.test(value);
