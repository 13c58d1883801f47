import { bucketStarts, dayMs, evenBuckets, hourMs, isCalendar } from '../../analytics/calendar.ts';
import { maxBuckets, type SumsRequest } from '../../analytics/engine.ts';
import { columnOfDimension } from './condition.ts';
import { hourLabels, timedLabels } from './schema.ts';

/** A part of the span, by the column that tells its time. Whole hours and days can be answered from rollups. */
export interface Stretch {
  readonly by: 'at' | 'hour' | 'day';
  /** Epoch ms; from included, to excluded. */
  readonly from: number;
  readonly to: number;
}

const units = { hour: hourMs, day: dayMs } as const;

/** What a statement is about, beside the dimensions and filters of its question. */
export type About = 'sums' | 'times' | 'users';

/** Whole units where a rollup may know the answer, and the edges of the span by rows. */
export function stretchesOf(request: SumsRequest, about: About): readonly Stretch[] {
  const { from, to } = request;
  const by = unitOf(request, about);
  if (by === 'at' || !fits(request, units[by])) return [{ by: 'at', from, to }];
  const [begin, end] = [Math.ceil(from / units[by]) * units[by], Math.floor(to / units[by]) * units[by]];
  if (begin >= end) return [{ by: 'at', from, to }];
  const edges = [
    { by: 'at', from, to: begin },
    { by: 'at', from: end, to },
  ] as const;
  return [{ by, from: begin, to: end }, ...edges.filter((edge) => edge.from < edge.to)];
}

/** The unit of the rollup that has all that is spoken of; `at`: none has. */
function unitOf({ dimensions, filters }: SumsRequest, about: About): Stretch['by'] {
  const spoken = new Set([...dimensions, ...filters.map(({ dimension }) => dimension)].map((dimension) => columnOfDimension(dimension)));
  const within = (labels: readonly string[]): boolean => [...spoken].every((column) => column !== undefined && labels.includes(column));
  if (about === 'users') return within(['user', 'operation']) ? 'day' : 'at';
  if (about === 'times') return within(timedLabels.hour) ? 'hour' : within(timedLabels.day) ? 'day' : 'at';
  if (within(hourLabels)) return 'hour';
  return within(['user', 'operation']) || within(['key', 'operation']) ? 'day' : 'at';
}

/** Whether units lie within the buckets of a question. */
function fits({ bucket, timeZone, from, to }: SumsRequest, unitMs: number): boolean {
  if (bucket === undefined) return true;
  if (!isCalendar(bucket, timeZone)) return evenBuckets[bucket as keyof typeof evenBuckets].lengthMs >= unitMs;
  if (timeZone === 'UTC') return true;
  return bucketStarts(bucket, timeZone, from, to, maxBuckets).every((start) => start % unitMs === 0);
}

const timeSql = {
  at: 'toUnixTimestamp64Milli(at)',
  hour: 'toInt64(toUnixTimestamp(hour)) * 1000',
  day: `toInt64(toUnixTimestamp(toDateTime(day, 'UTC'))) * 1000`,
} as const;

/** The start of the bucket, epoch ms. Where a calendar says it, its borders are those of ours: the server's time zones may be others. */
export function bucketSql({ bucket, timeZone, from, to }: SumsRequest, by: Stretch['by']): string {
  const time = timeSql[by];
  if (isCalendar(bucket!, timeZone)) {
    const starts = bucketStarts(bucket!, timeZone, from, to, maxBuckets);
    return `roundDown(${time}, [${starts.map((start) => `toInt64(${start})`).join(', ')}])`;
  }
  const { lengthMs, originMs } = evenBuckets[bucket as keyof typeof evenBuckets];
  return originMs === 0 ? `intDiv(${time}, ${lengthMs}) * ${lengthMs}` : `${time} - (${time} - ${originMs} + ${lengthMs}) % ${lengthMs}`;
}

export function stretchCondition({ by, from, to }: Stretch): string {
  if (by === 'at') return `at >= fromUnixTimestamp64Milli(${from}, 'UTC') AND at < fromUnixTimestamp64Milli(${to}, 'UTC')`;
  if (by === 'hour') return `hour >= toDateTime(${from / 1000}, 'UTC') AND hour < toDateTime(${to / 1000}, 'UTC')`;
  return `day >= toDate(${from / dayMs}) AND day < toDate(${to / dayMs})`;
}
