import type { Labelled } from '../set.ts';
import { seeded, type Random } from '../random.ts';
import { fillers, negatives } from './negatives.ts';
import { positives } from './positives.ts';
import { values } from './values.ts';

/** Each template is filled so often, with other values each time. */
const fillings = 4;

/** The second labelled set; `language` is the form of the text. */
export function secondSet(): { readonly positives: readonly Labelled[]; readonly negatives: readonly Labelled[] } {
  const random = seeded(20_261_125);
  const times = Array.from({ length: fillings }, (_, index) => index);
  const each = (
    texts: Readonly<Record<string, readonly string[]>>,
    make: (form: string, template: string) => Labelled,
  ): readonly Labelled[] =>
    Object.entries(texts).flatMap(([form, templates]) => templates.flatMap((template) => times.map(() => make(form, template))));
  return {
    positives: each(positives, (form, template) => withValues(form, template, random)),
    negatives: each(negatives, (form, template) => ({ text: withFillers(template, random), language: form, values: [] })),
  };
}

/** `{{value>kind}}` */
const slot = /\{\{(\w+)(?:>(\w+))?\}\}/g;

function withValues(language: string, template: string, random: Random): Labelled {
  const found: { readonly kind: string; readonly from: number; readonly to: number }[] = [];
  let text = '';
  let at = 0;
  for (const { 0: whole, 1: name, 2: kind = kindOf(name!), index } of template.matchAll(slot)) {
    text += template.slice(at, index);
    const value = values[name!]!(random);
    found.push({ kind, from: text.length, to: text.length + value.length });
    text += value;
    at = index + whole.length;
  }
  return { text: text + template.slice(at), language, values: found };
}

const kindOf = (name: string): string => (name === 'hex_secret' ? 'assigned_secret' : name);

const withFillers = (template: string, random: Random): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => fillers[name]?.(random) ?? whole);
