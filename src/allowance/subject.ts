import type { Labels } from '../core/record.ts';

export const dimensions = ['app', 'key', 'team', 'user', 'feature', 'task', 'session', 'model'] as const;
export type Dimension = (typeof dimensions)[number] | `tag.${string}`;
/** What a call must be for a rule to count it: a value, `abc*` for all values that begin so, `*` for one counter each. */
export type Match = Readonly<Partial<Record<Dimension, string>>>;

/** Whom a call is for, as far as rules ask. */
export interface Who {
  readonly labels: Labels;
  /** Virtual key, by id. */
  readonly key: string | undefined;
  /** As the client named it. */
  readonly model: string;
}

export const isDimension = (name: string): name is Dimension =>
  (dimensions as readonly string[]).includes(name) || /^tag\..{1,200}$/.test(name);

type Term = (who: Who) => string | undefined;

/**
 * Tells which counter of a rule a call belongs to: `team=a,user=b`, or `all` for a rule without `*`. `undefined`: none; a call without
 * the label a rule asks for is not counted by it.
 */
export function subjectFinder(match: Match): (who: Who) => string | undefined {
  const terms = (Object.entries(match) as [Dimension, string][]).map(([dimension, pattern]) => termOf(dimension, pattern));
  if (terms.length === 0) return () => 'all';
  if (terms.length === 1) return named(terms[0]!);
  return named((who) => {
    const parts: string[] = [];
    for (const term of terms) {
      const part = term(who);
      if (part === undefined) return undefined;
      if (part !== '') parts.push(part);
    }
    return parts.join(',');
  });
}

const named =
  (term: Term): Term =>
  (who) => {
    const part = term(who);
    return part === '' ? 'all' : part;
  };

/** '' where the call matches but the counter is not its own. */
function termOf(dimension: Dimension, pattern: string): Term {
  const value = valueOf(dimension);
  if (pattern === '*')
    return (who) => {
      const found = value(who);
      return found === undefined || found === '' ? undefined : `${dimension}=${escaped(found)}`;
    };
  if (!pattern.endsWith('*')) return (who) => (value(who) === pattern ? '' : undefined);
  const start = pattern.slice(0, -1);
  return (who) => (value(who)?.startsWith(start) ? '' : undefined);
}

/** Names stay readable; what would break an id apart is written as `%2F`. */
const plain = /^[\w.@:+ -]+$/;
const escaped = (value: string): string => (plain.test(value) ? value : encodeURIComponent(value.toWellFormed()));

function valueOf(dimension: Dimension): Term {
  if (dimension === 'key') return ({ key }) => key;
  if (dimension === 'model') return ({ model }) => model;
  if (dimension.startsWith('tag.')) {
    const tag = dimension.slice(4);
    return ({ labels: { tags } }) => (tags && Object.hasOwn(tags, tag) ? tags[tag] : undefined);
  }
  const label = dimension as Exclude<(typeof dimensions)[number], 'key' | 'model'>;
  return ({ labels }) => labels[label];
}
