import type { RouteFacts } from './facts.ts';
import { fits, patternsOf, type Patterns, type RouteMatch, type TimeMatch } from './match.ts';
import { shownTime, timeMatcher } from './time.ts';

/** One condition of a rule. */
export interface Condition {
  /** `app`, `header x-tier` ... */
  readonly name: string;
  /** What the rule asks for, for people. */
  readonly wanted: string;
  readonly holds: (facts: RouteFacts) => boolean;
  /** What the call has, for people. */
  readonly found: (facts: RouteFacts) => string;
}

type Wanted = { readonly [K in keyof RouteMatch]-?: NonNullable<RouteMatch[K]> };

/** Kinds of conditions, the cheapest to ask first: a rule is given up at the first that does not hold. */
const kinds: { readonly [K in keyof Wanted]: (wanted: Wanted[K]) => readonly Condition[] } = {
  app: (wanted) => [pattern('app', wanted, ({ labels }) => labels.app)],
  feature: (wanted) => [pattern('feature', wanted, ({ labels }) => labels.feature)],
  key: (wanted) => [pattern('key', wanted, ({ key }) => key)],
  team: (wanted) => [pattern('team', wanted, ({ labels }) => labels.team)],
  user: (wanted) => [pattern('user', wanted, ({ labels }) => labels.user)],
  client: (wanted) => [pattern('client', wanted, ({ labels }) => labels.client)],
  model: (wanted) => [pattern('model', wanted, ({ model }) => model)],
  sensitivity: (wanted) => [pattern('sensitivity', wanted, ({ sensitivity }) => sensitivity ?? 'none')],
  tags: (wanted) => Object.entries(wanted).map(([tag, value]) => pattern(`tag ${tag}`, value, (facts) => tagOf(facts, tag))),
  headers: (wanted) =>
    Object.entries(wanted).map(([name, value]) => pattern(`header ${name}`, value, ({ header }) => header(name.toLowerCase()))),
  hasTools: (wanted) => [flag('hasTools', wanted, ({ hasTools }) => hasTools)],
  inputTokens: (wanted) => [size(wanted)],
  time: (wanted) => [time(wanted)],
  budgetLeft: (wanted) => [budget(wanted)],
  hasImages: (wanted) => [flag('hasImages', wanted, ({ hasImages }) => hasImages)],
  language: (wanted) => [pattern('language', wanted, ({ language }) => language)],
};

/** What a rule asks for, ready to be asked. */
export const conditionsOf = (match: RouteMatch): readonly Condition[] =>
  (Object.keys(kinds) as (keyof RouteMatch)[]).flatMap((kind) => conditionsOfKind(match, kind));

function conditionsOfKind<K extends keyof RouteMatch>(match: RouteMatch, kind: K): readonly Condition[] {
  const make: (wanted: Wanted[K]) => readonly Condition[] = kinds[kind];
  const wanted = match[kind];
  return wanted === undefined ? [] : make(wanted as Wanted[K]);
}

const tagOf = ({ labels: { tags } }: RouteFacts, tag: string): string | undefined =>
  tags && Object.hasOwn(tags, tag) ? tags[tag] : undefined;

/** Values come from clients: none is shown longer than this. */
const maxShown = 80;
const shown = (value: string | undefined): string => (value === undefined ? 'none' : value.slice(0, maxShown));

const pattern = (name: string, wanted: Patterns, valueOf: (facts: RouteFacts) => string | undefined): Condition => ({
  name,
  wanted: patternsOf(wanted).join(' or '),
  holds: (facts) => fits(wanted, valueOf(facts)),
  found: (facts) => shown(valueOf(facts)),
});

const flag = (name: string, wanted: boolean, valueOf: (facts: RouteFacts) => boolean): Condition => ({
  name,
  wanted: String(wanted),
  holds: (facts) => valueOf(facts) === wanted,
  found: (facts) => String(valueOf(facts)),
});

function size({ min = 0, max = Infinity }: NonNullable<RouteMatch['inputTokens']>): Condition {
  return {
    name: 'inputTokens',
    wanted: max === Infinity ? `${min} or more` : `${min} to ${max}`,
    holds: ({ inputTokens }) => inputTokens !== undefined && inputTokens >= min && inputTokens <= max,
    found: ({ inputTokens }) => (inputTokens === undefined ? 'unknown' : `about ${inputTokens}`),
  };
}

function time(wanted: TimeMatch): Condition {
  const isIn = timeMatcher(wanted);
  const { from = '00:00', to = '24:00', days, timeZone } = wanted;
  return {
    name: 'time',
    wanted: `${days ? `${days.join(',')} ` : ''}${from} to ${to} ${timeZone}`,
    holds: ({ nowMs }) => isIn(nowMs),
    found: ({ nowMs }) => shownTime(nowMs, timeZone),
  };
}

const budget = ({ budget: name, below }: NonNullable<RouteMatch['budgetLeft']>): Condition => ({
  name: `budget ${name}`,
  wanted: `less than ${below}% left`,
  holds: ({ budgetLeft }) => (budgetLeft(name) ?? Infinity) < below,
  found: ({ budgetLeft }) => {
    const left = budgetLeft(name);
    return left === undefined ? 'unknown' : `${Math.round(left * 10) / 10}% left`;
  },
});
