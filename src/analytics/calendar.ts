import { wallClock } from '../allowance/time-zone.ts';
import type { TimeBucket } from './query.ts';

const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** 1970-01-05, a Monday, ms. */
const firstMonday = 4 * dayMs;

/** Start of the bucket that a time lies in, epoch ms. */
export type BucketStart = (atMs: number) => number;

/** Lengths of the buckets that are the same everywhere and always, and what they are counted from. */
export const evenBuckets = {
  minute: { lengthMs: minuteMs, originMs: 0 },
  hour: { lengthMs: hourMs, originMs: 0 },
  day: { lengthMs: dayMs, originMs: 0 },
  week: { lengthMs: 7 * dayMs, originMs: firstMonday },
} as const;

const floored = (ms: number, lengthMs: number, originMs: number): number => Math.floor((ms - originMs) / lengthMs) * lengthMs + originMs;

/** Whether a bucket's borders follow a calendar, so that no plain division finds them. Minutes and hours are those of UTC. */
export const isCalendar = (bucket: TimeBucket, timeZone: string): boolean =>
  bucket === 'month' || (timeZone !== 'UTC' && bucket !== 'minute' && bucket !== 'hour');

export function bucketStart(bucket: TimeBucket, timeZone: string): BucketStart {
  if (!isCalendar(bucket, timeZone)) {
    const { lengthMs, originMs } = evenBuckets[bucket as keyof typeof evenBuckets];
    return (at) => floored(at, lengthMs, originMs);
  }
  return remembering(calendarStart(bucket, timeZone), bucket, timeZone);
}

function calendarStart(bucket: TimeBucket, timeZone: string): BucketStart {
  const clock = wallClock(timeZone);
  return (at) => clock.instantOf(localStart(bucket, clock.localAt(at)));
}

function localStart(bucket: TimeBucket, localMs: number): number {
  if (bucket === 'day') return floored(localMs, dayMs, 0);
  if (bucket === 'week') return floored(localMs, 7 * dayMs, firstMonday);
  const date = new Date(localMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function localNext(bucket: TimeBucket, localMs: number): number {
  if (bucket === 'day') return localMs + dayMs;
  if (bucket === 'week') return localMs + 7 * dayMs;
  const date = new Date(localMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** Time zones are slow to ask: neighbours in time mostly lie in the same bucket. */
function remembering(start: BucketStart, bucket: TimeBucket, timeZone: string): BucketStart {
  const clock = wallClock(timeZone);
  let from = 0;
  let to = 0;
  return (at) => {
    if (at >= from && at < to) return from;
    from = start(at);
    to = clock.instantOf(localNext(bucket, localStart(bucket, clock.localAt(at))));
    return from;
  };
}

/** Starts of all buckets that hold a part of the span, rising; stops behind `most`. */
export function bucketStarts(bucket: TimeBucket, timeZone: string, from: number, to: number, most: number): number[] {
  const startOf = bucketStart(bucket, timeZone);
  const next = nextOf(bucket, timeZone);
  const starts: number[] = [];
  for (let at = startOf(from); at < to && starts.length <= most; at = next(at)) starts.push(at);
  return starts;
}

function nextOf(bucket: TimeBucket, timeZone: string): BucketStart {
  if (!isCalendar(bucket, timeZone)) {
    const { lengthMs } = evenBuckets[bucket as keyof typeof evenBuckets];
    return (at) => at + lengthMs;
  }
  const clock = wallClock(timeZone);
  return (at) => clock.instantOf(localNext(bucket, localStart(bucket, clock.localAt(at))));
}
