import type { Filter, Measure } from '../analytics/query.ts';
import type { Sensitivity } from './season.ts';

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** What a rule measures: one figure, for all calls or for each value of one dimension. */
export interface AlertQuery {
  readonly measure: Measure;
  readonly filters: readonly Filter[];
  /** Each value of it is an alert of its own. */
  readonly by?: string | undefined;
}

/** What happens by itself, without a query. */
export const happenings = ['newUnpricedModel', 'cacheHitCollapse', 'priceDataOld', 'savingSwitched', 'loop'] as const;
export type Happening = (typeof happenings)[number];

/** When a rule speaks. Times in ms. */
export type Condition =
  | { readonly kind: 'limit'; readonly query: AlertQuery; readonly overMs: number; readonly above?: number | undefined; readonly below?: number | undefined }
  | { readonly kind: 'change'; readonly query: AlertQuery; readonly overMs: number; readonly percent: number }
  | { readonly kind: 'anomaly'; readonly query: AlertQuery; readonly bucket: 'hour' | 'day'; readonly sensitivity: Sensitivity; readonly sides: Sides }
  | { readonly kind: 'budget'; readonly budget: string; readonly at: readonly number[]; readonly forecast: boolean }
  | { readonly kind: 'event'; readonly event: Happening; readonly maxAgeDays: number }; // prettier-ignore

export const sidesOfAnomaly = ['above', 'below', 'both'] as const;
export type Sides = (typeof sidesOfAnomaly)[number];

export interface AlertRule {
  readonly name: string;
  readonly when: Condition;
  /** How long it must hold before it is told, and be over before that is told. */
  readonly forMs: number;
  /** Names of channels. */
  readonly to: readonly string[];
  readonly severity: Severity;
  /** While it goes on it is told again this often; 0: never. */
  readonly remindMs: number;
  readonly origin: 'built-in' | 'config' | 'api';
}

/** `all` for what is not told apart. */
export const everything = 'all';

/** Alerts of one rule that may stand at one time, one for each value of its dimension; of more, the worst are told. */
export const maxSubjects = 40;
/** Characters of a subject, such as the name of a model a client made up. */
export const maxSubjectLength = 120;

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const span = /^(\d{1,4})(m|h|d)$/;
/** The longest span, ms: 92 days. */
export const longestSpanMs = 92 * units.d;

/** ms of `15m`, `1h`, `7d`; `undefined` for anything else, or longer than 92 days. */
export function spanMs(text: string): number | undefined {
  const [, count, unit] = span.exec(text) ?? [];
  if (count === undefined) return undefined;
  const ms = Number(count) * units[unit as keyof typeof units];
  return ms <= longestSpanMs ? ms : undefined;
}

/** `15m`, `1h`, `7d`: the largest unit that is whole. */
export function spanText(ms: number): string {
  const [unit, length] = (Object.entries(units) as [string, number][]).findLast(([, each]) => ms >= each && ms % each === 0) ?? ['m', units.m]; // prettier-ignore
  return `${Math.round(ms / length)}${unit}`;
}
