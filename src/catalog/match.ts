/** How a model name is recognised: the rules of genai-prices. Letter case does not matter, except that `regex` sees lower case. */
export type MatchRule =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly or: readonly MatchRule[] }
  | { readonly and: readonly MatchRule[] };

/** Tells whether a lower-case name matches. */
export type Matcher = (name: string) => boolean;

/** @throws {SyntaxError} when a `regex` cannot be compiled. */
export function matcherOf(rule: MatchRule): Matcher {
  if ('equals' in rule) return equals(rule.equals.toLowerCase());
  if ('starts_with' in rule) return startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return endsWith(rule.ends_with.toLowerCase());
  if ('contains' in rule) return contains(rule.contains.toLowerCase());
  if ('regex' in rule) return regex(new RegExp(rule.regex));
  if ('or' in rule) return anyOf(rule.or.map(matcherOf));
  return allOf(rule.and.map(matcherOf));
}

const equals =
  (text: string): Matcher =>
  (name) =>
    name === text;
const startsWith =
  (text: string): Matcher =>
  (name) =>
    name.startsWith(text);
const endsWith =
  (text: string): Matcher =>
  (name) =>
    name.endsWith(text);
const contains =
  (text: string): Matcher =>
  (name) =>
    name.includes(text);
const regex =
  (pattern: RegExp): Matcher =>
  (name) =>
    pattern.test(name);
const anyOf =
  (matchers: readonly Matcher[]): Matcher =>
  (name) =>
    matchers.some((matches) => matches(name));
const allOf =
  (matchers: readonly Matcher[]): Matcher =>
  (name) =>
    matchers.every((matches) => matches(name));
