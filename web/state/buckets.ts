import type { QueryRow, TimeBucket } from '../../src/analytics/query.ts';

/** Slots of a chart at most: what is longer needs a longer bucket. */
export const maxSlots = 400;

const steps: { readonly [B in TimeBucket]: (date: Date) => void } = {
  minute: (date) => void date.setMinutes(date.getMinutes() + 1),
  hour: (date) => void date.setTime(date.getTime() + 3_600_000),
  day: (date) => void date.setDate(date.getDate() + 1),
  week: (date) => void date.setDate(date.getDate() + 7),
  month: (date) => void date.setMonth(date.getMonth() + 1),
};

const starts: { readonly [B in TimeBucket]: (date: Date) => void } = {
  minute: (date) => void date.setSeconds(0, 0),
  hour: (date) => void date.setMinutes(0, 0, 0),
  day: (date) => void date.setHours(0, 0, 0, 0),
  week: (date) => {
    date.setHours(0, 0, 0, 0);
    date.setDate(date.getDate() - ((date.getDay() + 6) % 7));
  },
  month: (date) => {
    date.setHours(0, 0, 0, 0);
    date.setDate(1);
  },
};

export interface Slot {
  /** Epoch ms. */
  readonly time: number;
  /** `undefined`: nothing happened. */
  readonly row: QueryRow | undefined;
}

/** A slot for each bucket of the span, in the visitor's time, whether calls fall into it or not. */
export function bucketed(
  rows: readonly QueryRow[],
  bucket: TimeBucket,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Slot[] {
  const byTime = new Map(rows.map((row) => [row.time, row]));
  const date = new Date(from);
  starts[bucket](date);
  const slots: Slot[] = [];
  while (date.getTime() < to && slots.length < maxSlots) {
    slots.push({ time: date.getTime(), row: byTime.get(date.getTime()) });
    steps[bucket](date);
  }
  return slots;
}
