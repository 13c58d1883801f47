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

/** In order of preference; each alternative consumes a bounded stretch. */
const patterns: readonly (readonly [VolatileKind, string])[] = [
  ['billing_header', 'x-anthropic-billing-header:[^\\n]{0,2000}'],
  ['context_block', `<([A-Za-z]{0,20}[_-]?${contextName}(?:[_-][A-Za-z]{1,20})?)(?:\\s[^<>]{0,500})?>[^]{0,65536}?</\\1>`],
  [
    'context_block',
    `(?<=^|\\n)(?:#{1,4} ?|\\*\\*)?(?:(?:relevant|retrieved|user|long-term) )${contextName}\\b[^\\n]{0,80}(?:\\n(?!\\n)[^\\n]{1,4000}){1,200}`,
  ],
  ['timestamp', `(?<![\\d-])\\d{4}-\\d\\d-\\d\\d[T ]${clock}`],
  ['timestamp', `\\b${longDate}(?:,? at|,)? ${clock}`],
  ['timestamp', `\\b(?:${shortDate}),? ${clock}`],
  ['uuid', '\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b'],
  ['date', `\\b${longDate}`],
  ['date', `(?<![\\w./-])(?:${shortDate})(?![\\w-])`],
  ['timestamp', '(?<![\\d:])\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d+)?(?![\\d:])'],
  [
    'session_id',
    '(?<=\\b(?:session|request|trace|run|correlation|conversation|thread|nonce)(?:[ _-]?id)?["\']?[\\]:=# ]{1,3}["\']?)(?=[\\w-]{0,63}\\d)[\\w-]{6,64}',
  ],
  ['session_id', '\\b(?:req|request|trace|session|sess|run|conv|thread|msg)[_-](?=\\w{0,63}\\d)\\w{6,64}'],
  ['timestamp', '(?<![\\w.])1[5-9]\\d{8}(?:\\d{3})?(?:\\.\\d+)?(?![\\w.])'],
  ['session_id', '(?<!\\w)(?=[a-f]{0,63}\\d)[0-9a-f]{12,64}(?!\\w)'],
  ['number', '(?<![\\w.])-?\\d{1,15}\\.(?!0+(?!\\d))\\d{1,15}(?![\\w]|\\.\\d)'],
];

// Two patterns have a group of their own, so that groups are named by position.
const any = new RegExp(
  patterns
    .map(([, source], index) => `(?<g${index}>${source.replace('\\1', `\\k<t${index}>`).replace('<([A-Za-z]', `<(?<t${index}>[A-Za-z]`)})`)
    .join('|'),
  'gi',
);

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
  return text.replace(any, (value: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const kind = patterns.findIndex((_, index) => groups[`g${index}`] !== undefined);
    const at = rest.at(-3) as number;
    const [name] = patterns[kind]!;
    const label = text.slice(Math.max(0, at - labelChars), at);
    slots.push({ kind: name, value, label: label.slice(label.lastIndexOf('\n') + 1) });
    return mask(name);
  });
}

const contextBlock = new RegExp(
  `^\\s*(?:<|\\[|#{1,4} ?|\\*\\*)?(?:(?:relevant|retrieved|additional|background|supporting|reference|search|user) )*(?:${contextName}|search results?|results)\\b[^\\n]{0,60}?(?:[:>\\]]|\\n)`,
  'i',
);

/** It says of itself that it was looked up: `Retrieved context: ...`, `<documents> ...`. */
export const isContextBlock = (text: string): boolean => contextBlock.test(text.slice(0, 400));
