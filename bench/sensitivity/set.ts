import { makers } from './values.ts';
import { hardPositives, negatives, positives } from './templates.ts';
import { chars, pick, seeded, type Random } from './random.ts';

export interface Labelled {
  readonly text: string;
  readonly language: string;
  readonly values: readonly { readonly kind: string; readonly from: number; readonly to: number }[];
}

/** Each template is filled this often. */
const fillings = 4;

/** The labelled set: the same sentences at every run. */
export function labelledSet(): readonly Labelled[] {
  const random = seeded(20_260_101);
  const templates = [
    ...Object.entries(positives).flatMap(([language, sentences]) => sentences.map((template) => [language, template] as const)),
    ...hardPositives.map((template) => ['hard', template] as const),
    ...negatives.map((template) => ['negative', template] as const),
  ];
  return Array.from({ length: fillings }, () => templates.map(([language, template]) => filled(language, template, random))).flat();
}

function filled(language: string, template: string, random: Random): Labelled {
  const values: { kind: string; from: number; to: number }[] = [];
  let text = '';
  let kept = 0;
  for (const match of template.matchAll(/\{([a-z_]+(?:\.[a-z0-9]+)?)\}/g)) {
    const make = makers[match[1]!];
    if (!make) continue;
    text += template.slice(kept, match.index);
    const value = make(random);
    const kind = match[1]!.split('.')[0]!;
    if (kind !== 'no') values.push({ kind, from: text.length, to: text.length + value.length });
    text += value;
    kept = match.index + match[0].length;
  }
  return { text: text + template.slice(kept), language, values };
}

const alphabets = [
  'abcdefghijklmnopqrstuvwxyz     ',
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/',
  '0123456789abcdef',
  '0123456789 .,-:/',
  'абвгдежзийклмнопрстуфхцчшщыьэюя    ',
  '的一是不了人我在有他这为之大来以个中上们 ，。',
  Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join(''),
];

/** Text without any meaning, of several kinds: whatever is found in it is a false alarm. */
export function randomText(kilobytes: number): readonly string[] {
  const random = seeded(7);
  return Array.from({ length: kilobytes }, () => chars(random, 1024, pick(random, alphabets)));
}
