import type { BudgetView } from '../../src/compose/budget-admin.ts';
import { get } from '../api/client.ts';
import { useLoaded, type Loaded } from '../api/use-loaded.ts';
import { useQuery } from '../api/use-query.ts';
import type { Answer } from '../../src/analytics/query.ts';
import { day } from '../format/time.ts';
import { bucketed, type Slot } from './buckets.ts';
import { filtersOf } from './filters.ts';
import { forecast, type Forecast } from './forecast.ts';
import { usePlace } from './location.ts';
import { endOfMonth, startOfDay, startOfMonth, timeZone } from './range.ts';
import { useSpan } from './use-span.ts';

/** The month so far, and where it leads. USD. */
export interface MonthView {
  /** Start of each day so far, epoch ms. */
  readonly starts: readonly number[];
  readonly daily: readonly number[];
  /** Sum up to the end of each day. */
  readonly spent: readonly number[];
  readonly today: number;
  /** Days of the whole month. */
  readonly days: number;
  readonly expected: Forecast;
  /** Of all calls in the month; `undefined`: there is none. */
  readonly budget: number | undefined;
}

const memoryDays = 28;

/** Asks for the days of the month, and those before it that its forecast goes by. */
export function useMonth(): { readonly loaded: Loaded<Answer>; readonly month: MonthView | undefined } {
  const { search } = usePlace();
  const { now } = useSpan();
  const from = Math.min(startOfMonth(now), startOfDay(now - memoryDays * day));
  const loaded = useQuery({ measures: ['costUsd'], filters: filtersOf(search), from, bucket: 'day', timeZone });
  const { value } = useLoaded('budgets', (signal) => get<{ readonly budgets: readonly BudgetView[] }>('/api/budgets', signal));
  const budget = value?.budgets.find(
    ({ unit, window, limit, subject }) => unit === 'usd' && window === 'month' && limit !== null && subject === 'all',
  )?.limit;
  const slots = loaded.value && bucketed(loaded.value.rows, 'day', { from, to: now + 60_000 });
  return { loaded, month: slots && monthOf(slots, now, budget ?? undefined) };
}

const costOf = ({ row }: Slot): number => Number(row?.values[0] ?? 0);

function monthOf(slots: readonly Slot[], now: number, budget: number | undefined): MonthView {
  const first = slots.findIndex((slot) => costOf(slot) > 0);
  const month = slots.filter(({ time }) => time >= startOfMonth(now));
  const today = costOf(slots.at(-1)!);
  const spent = month.reduce<number[]>((sums, slot) => [...sums, (sums.at(-1) ?? 0) + costOf(slot)], []);
  const days = Math.round((endOfMonth(now) - startOfMonth(now)) / day);
  const expected = forecast({
    // What is before the first call was not a day without cost, but no day at all.
    days: first === -1 ? [] : slots.slice(first, -1).map(costOf),
    spent: spent.at(-1) ?? 0,
    today,
    daysLeft: days - month.length,
    dayLeft: 1 - Math.min(1, (now - startOfDay(now)) / day),
  });
  return {
    starts: month.map(({ time }) => time),
    daily: month.map(costOf),
    spent,
    today,
    days,
    expected,
    budget: budget === undefined ? undefined : budget / 1e9,
  };
}
