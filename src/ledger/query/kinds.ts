import { dayMs } from '../../analytics/calendar.ts';
import type { Dimension } from '../../analytics/query.ts';
import type { AdditiveSum } from '../../analytics/sums.ts';

/** A rollup by one label and the model. The numbers stand in tables: they never change. */
export interface Kind {
  readonly number: number;
  /** Column of the table `dimension`. */
  readonly column: string;
}

export const kinds: ReadonlyMap<Dimension, Kind> = new Map<Dimension, Kind>([
  ['api', { number: 1, column: 'api' }],
  ['operation', { number: 2, column: 'operation' }],
  ['app', { number: 3, column: 'app' }],
  ['feature', { number: 4, column: 'feature' }],
  ['team', { number: 5, column: 'team' }],
  ['client', { number: 6, column: 'client' }],
  ['requestModel', { number: 7, column: 'request_model' }],
  ['provider', { number: 8, column: 'provider' }],
  ['hosting', { number: 9, column: 'hosting' }],
  ['region', { number: 10, column: 'region' }],
  ['language', { number: 11, column: 'language' }],
  ['outcome', { number: 12, column: 'outcome' }],
  ['errorCode', { number: 13, column: 'error_code' }],
  ['finishReason', { number: 14, column: 'finish_reason' }],
  ['usageSource', { number: 15, column: 'usage_source' }],
  ['priceStatus', { number: 16, column: 'price_status' }],
  ['stream', { number: 17, column: 'stream' }],
  ['tier', { number: 18, column: 'tier' }],
  ['arm', { number: 19, column: 'arm' }],
  ['route', { number: 20, column: 'route' }],
  ['sensitivity', { number: 21, column: 'sensitivity' }],
]);

/** Labels whose rollups have distributions of times too; of the others, rows tell them. They are most of what a rollup costs. */
export const timedLabels: ReadonlySet<Dimension> = new Set<Dimension>([
  'app', 'feature', 'team', 'provider', 'region', 'operation', 'stream', 'tier', 'arm', 'route',
]); // prettier-ignore

/** By the model alone. */
export const modelKind = 0;
/** In `person_day`, without the model, in few sums: they have many values. Whole days, and quarters of days for the edges of spans. */
export const personKinds = { user: { day: 1, quarter: 3 }, key: { day: 2, quarter: 4 } } as const;
export const quarterMs = dayMs / 4;
export const personSums: readonly AdditiveSum[] = [
  'calls', 'failures', 'inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens', 'priced',
  'cost', 'durationUs', 'scored', 'scoreMicro',
]; // prettier-ignore
/** In `seen_day`. */
export const seenKinds = { task: 1, session: 2 } as const;

/** How a label stands in a rollup, so that "not set" differs from every text. */
export const encodedValue = (value: string | null): string => (value === null ? '' : `=${value}`);
