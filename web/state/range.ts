import type { TimeBucket } from '../../src/analytics/query.ts';
import { day } from '../format/time.ts';

/** A span of time, epoch ms: `from` included, `to` not. Without `from`: since the first call. */
export interface Span {
  readonly from?: number;
  readonly to?: number;
}

export const rangeNames = { hour: 'Last hour', today: 'Today', '7d': '7 days', '30d': '30 days', month: 'This month', all: 'All' } as const;
export type RangeName = keyof typeof rangeNames;

export const isRangeName = (name: string | null): name is RangeName => name !== null && Object.hasOwn(rangeNames, name);

export function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

export function startOfMonth(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), 1).getTime();
}

export const endOfMonth = (now: number): number => {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth() + 1, 1).getTime();
};

/** The span that `range` in an address names: a name, or `FROM-TO` in epoch ms. */
export function spanOf(range: string | null, now: number): Span {
  const custom = /^(\d{1,15})-(\d{1,15})$/.exec(range ?? '');
  if (custom) return { from: Number(custom[1]), to: Number(custom[2]) };
  return named[isRangeName(range) ? range : '7d'](now);
}

const named: { readonly [R in RangeName]: (now: number) => Span } = {
  hour: (now) => ({ from: now - day / 24 }),
  today: (now) => ({ from: startOfDay(now) }),
  '7d': (now) => ({ from: startOfDay(now - 6 * day) }),
  '30d': (now) => ({ from: startOfDay(now - 29 * day) }),
  month: (now) => ({ from: startOfMonth(now) }),
  all: () => ({}),
};

/** Buckets that give a picture of some dozen points. */
export function bucketFor({ from, to }: Span, now: number): TimeBucket {
  if (from === undefined) return 'day';
  const length = (to ?? now) - from;
  if (length <= 3 * 3_600_000) return 'minute';
  if (length <= 3 * day) return 'hour';
  if (length <= 100 * day) return 'day';
  return length <= 500 * day ? 'week' : 'month';
}

export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
