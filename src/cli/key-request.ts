import type { KeyView } from '../keys/view.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './errors.ts';

const scopeOptions = { models: 'model', providers: 'provider', apps: 'app', features: 'feature', networks: 'network' } as const;
const labelOptions = { team: 'team', user: 'user', app: 'default-app', feature: 'default-feature' } as const;
const rateOptions = { requestsPerMinute: 'requests-per-minute', tokensPerMinute: 'tokens-per-minute', concurrency: 'concurrency' } as const;

type Fields = Readonly<Record<string, unknown>>;

/** What the options say of a key, as the admin API takes it. `before`: the key to be changed, whose other scopes and labels stay. */
export function keyFields(given: Arguments, nowMs: number, before?: KeyView): Fields {
  const scopes = merged(before?.scopes, scopesIn(given));
  const labels = merged(before?.labels, labelsIn(given));
  const budget = budgetIn(given, before);
  const rates = ratesIn(given);
  const rateLimit = rates && merged(before?.rateLimit, rates);
  const expires = given.text('expires');
  return {
    ...(scopes && { scopes }),
    ...(labels && { labels }),
    ...(budget && { budget }),
    ...(rateLimit && { rateLimit }),
    ...(given.flag('unlimited') && { budget: null, rateLimit: null }),
    ...(expires !== undefined && { expiresAt: expires === 'never' ? null : momentIn('expires', expires, nowMs) }),
  };
}

/** An empty value takes a scope or label away. */
function merged(before: object | undefined, changes: Fields): Fields | undefined {
  if (Object.keys(changes).length === 0) return undefined;
  return Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== ''));
}

const scopesIn = (given: Arguments): Fields =>
  Object.fromEntries(
    Object.entries(scopeOptions).flatMap(([scope, option]) => {
      const entries = given.list(option).flatMap((entry) => entry.split(','));
      return entries.length === 0 ? [] : [[scope, entries.join('') === '' ? '' : entries]];
    }),
  );

const labelsIn = (given: Arguments): Fields =>
  Object.fromEntries(
    Object.entries(labelOptions).flatMap(([label, option]) => {
      const value = given.text(option);
      return value === undefined ? [] : [[label, value]];
    }),
  );

function ratesIn(given: Arguments): Fields | undefined {
  const rates = Object.entries(rateOptions).flatMap(([rate, option]) => {
    const value = given.whole(option);
    return value === undefined ? [] : [[rate, value] as const];
  });
  return rates.length === 0 ? undefined : Object.fromEntries(rates);
}

function budgetIn(given: Arguments, before: KeyView | undefined): Fields | undefined {
  const usd = given.text('budget-usd');
  const tokens = given.whole('budget-tokens');
  const window = given.text('budget-window');
  if (usd === undefined && tokens === undefined && window === undefined) return undefined;
  const said = { ...(usd !== undefined && { usd }), ...(tokens !== undefined && { tokens }), ...(window !== undefined && { window }) };
  return { ...before?.budget, ...said };
}

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Ms of `90d`, `24h`, `0s`. @throws a usage error */
export function durationIn(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count === undefined) throw usageError(`--${option}: "${text}" is no length of time; write 30m, 24h or 90d`);
  return Number(count) * unitsMs[unit!]!;
}

/** A length of time from now, or a date. */
function momentIn(option: string, text: string, nowMs: number): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return nowMs + durationIn(option, text);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw usageError(`--${option}: "${text}" is no date; write 2027-01-31 or 90d`);
  return ms;
}
