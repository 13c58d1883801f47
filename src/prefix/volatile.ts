/** Kinds of values that clients write anew for every call. */
export type VolatileKind = 'billing_header' | 'context_block' | 'timestamp' | 'date' | 'uuid' | 'session_id' | 'number';

/** A changing value in a text, and what its line says before it. */
export interface Slot {
  readonly kind: VolatileKind;
  readonly value: string;
  readonly label: string;
}

const month =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\.?';
const day = '(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?';
const longDate = `${day}(?:${month} \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}|\\d{1,2} ${month} \\d{4})`;
const clock = '\\d{1,2}:\\d\\d(?::\\d\\d(?:[.,]\\d+)?)?(?: ?[AaPp][Mm]\\b)?(?: ?(?:Z|UTC|GMT|[A-Z]{3,4})\\b)?(?: ?[+-]\\d\\d:?\\d\\d)?';
const shortDate = '\\d{4}[-/.]\\d\\d[-/.]\\d\\d|\\d{1,2}[/.]\\d{1,2}[/.]\\d{4}';
const contextName = '(?:memor(?:y|ies)|context|retriev(?:al|ed)|documents?|knowledge|recall|snippets?|passages?|search[_-]results?)';

/** What is looked for, and how. Each pattern consumes a bounded stretch. */
interface Search {
  readonly pattern: RegExp;
  readonly kindOf: (match: RegExpExecArray) => VolatileKind | undefined;
  /** The value is the first group, at the end of what matches; else all of it. */
  readonly hasLabel?: boolean;
  /** Where this is found nowhere, neither is that: most texts are done with sooner. */
  readonly only?: RegExp;
}

const every = (source: string): RegExp => new RegExp(source, 'gi');
const is = (kind: VolatileKind) => (): VolatileKind => kind;
const isYear = /\b\d{4}\b/;
const isDateLike = /\d[-/.]\d/;
const isClock = /\d:\d\d/;

/** In order of preference. One by one: as alternatives of one expression they took five times as long. */
const searches: readonly Search[] = [
  { kindOf: is('billing_header'), pattern: every('x-anthropic-billing-header:[^\\n]{0,2000}') },
  {
    kindOf: is('context_block'),
    only: /<\//,
    pattern: every(`<([A-Za-z]{0,20}[_-]?${contextName}(?:[_-][A-Za-z]{1,20})?)(?:\\s[^<>]{0,500})?>[^]{0,65536}?</\\1>`),
  },
  {
    kindOf: is('context_block'),
    pattern: every(
      `(?<=^|\\n)(?:#{1,4} ?|\\*\\*)?(?:(?:relevant|retrieved|user|long-term) )${contextName}\\b[^\\n]{0,80}(?:\\n(?!\\n)[^\\n]{1,4000}){1,200}`,
    ),
  },
  { kindOf: is('timestamp'), only: isClock, pattern: every(`(?<![\\d-])\\d{4}-\\d\\d-\\d\\d[T ]${clock}`) },
  {
    kindOf: ([, time]) => (time === undefined ? 'date' : 'timestamp'),
    only: isYear,
    pattern: every(`\\b${longDate}((?:,? at|,)? ${clock})?`),
  },
  { kindOf: is('timestamp'), only: isClock, pattern: every(`\\b(?:${shortDate}),? ${clock}`) },
  {
    kindOf: is('uuid'),
    only: /-[0-9a-f]{4}-[0-9a-f]{4}-/i,
    pattern: every('\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b'),
  },
  { kindOf: is('date'), only: isDateLike, pattern: every(`(?<![\\w./-])(?:${shortDate})(?![\\w-])`) },
  { kindOf: is('timestamp'), pattern: every('(?<![\\d:])\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d+)?(?![\\d:])') },
  {
    kindOf: is('session_id'),
    hasLabel: true,
    pattern: every(
      '\\b(?:session|request|trace|run|correlation|conversation|thread|nonce)(?:[ _-]?id)?["\']?[\\]:=# ]{1,3}["\']?((?=[\\w-]{0,63}\\d)[\\w-]{6,64})',
    ),
  },
  {
    kindOf: is('session_id'),
    pattern: every('\\b(?:req|request|trace|session|sess|run|conv|thread|msg)[_-](?=\\w{0,63}\\d)\\w{6,64}'),
  },
  { kindOf: is('timestamp'), pattern: every('(?<![\\w.])1[5-9]\\d{8}(?:\\d{3})?(?:\\.\\d+)?(?![\\w.])') },
  { kindOf: ([value]) => (/\d/.test(value) ? 'session_id' : undefined), pattern: every('\\b[0-9a-f]{12,64}\\b') },
  { kindOf: is('number'), only: isDateLike, pattern: every('(?<![\\w.])-?\\d{1,15}\\.(?!0+(?!\\d))\\d{1,15}(?![\\w]|\\.\\d)') },
];

/** Longer texts are not searched. */
export const maxSearchedChars = 256 * 1024;
/** Texts with more opening tags of blocks are not searched either: for each of them an end would be looked for. */
export const maxTags = 64;
const tag = new RegExp(`<[A-Za-z]{0,20}[_-]?${contextName}`, 'gi');
const hasTooManyTags = (text: string): boolean => text.includes('<') && (text.match(tag)?.length ?? 0) > maxTags;
const labelChars = 60;
/** Stands for a masked value: no text of a client holds it. */
const mask = (kind: VolatileKind): string => `\u0000${kind}\u0000`;

/** The text with its volatile values masked, and the values in order. */
export function masked(text: string, slots: Slot[]): string {
  if (text.length > maxSearchedChars || hasTooManyTags(text)) return text;
  let result = '';
  let end = 0;
  for (const { from, to, kind } of foundIn(text)) {
    if (from < end) continue;
    const label = text.slice(Math.max(0, from - labelChars), from);
    slots.push({ kind, value: text.slice(from, to), label: label.slice(label.lastIndexOf('\n') + 1) });
    result += text.slice(end, from) + mask(kind);
    end = to;
  }
  return result + text.slice(end);
}

interface Found {
  readonly from: number;
  readonly to: number;
  readonly kind: VolatileKind;
}

/** By where they begin, the preferred first. */
function foundIn(text: string): readonly Found[] {
  const found: Found[] = [];
  for (const { pattern, kindOf, hasLabel, only } of searches) {
    if (only && !only.test(text)) continue;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      const kind = kindOf(match);
      const to = match.index + match[0].length;
      if (kind) found.push({ from: hasLabel ? to - match[1]!.length : match.index, to, kind });
    }
  }
  return found.length < 2 ? found : found.toSorted((a, b) => a.from - b.from);
}

const contextBlock = new RegExp(
  `^\\s*(?:<|\\[|#{1,4} ?|\\*\\*)?(?:(?:relevant|retrieved|additional|background|supporting|reference|search|user) )*(?:${contextName}|search results?|results)\\b[^\\n]{0,60}?(?:[:>\\]]|\\n)`,
  'i',
);

/** It says of itself that it was looked up: `Retrieved context: ...`, `<documents> ...`. */
export const isContextBlock = (text: string): boolean => contextBlock.test(text.slice(0, 400));
