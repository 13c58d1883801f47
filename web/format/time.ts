const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
export const day = 24 * hour;

/** `12 ms`, `1.8 s`, `2 min`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return 'unknown';
  if (ms < 1) return ms === 0 ? '0 ms' : `${Number(ms.toPrecision(1))} ms`;
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < minute) return `${(ms / second).toFixed(ms < 10 * second ? 1 : 0)} s`;
  if (ms < hour) return `${Math.round(ms / minute)} min`;
  return ms < 2 * day ? `${Math.round(ms / hour)} h` : `${Math.round(ms / day)} d`;
}

/** `just now`, `4 min ago`, `in 3 d`. */
export function relative(at: number, now: number): string {
  const away = Math.abs(now - at);
  if (away < 5 * second) return 'just now';
  const text = away < minute ? `${Math.round(away / second)} s` : duration(away);
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** The whole time, for who hovers. */
export const absolute = (at: number): string => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** The time of day; of another day also that day. */
export const moment = (at: number, now: number): string =>
  new Date(at).toDateString() === new Date(now).toDateString() ? clock(at) : `${bucketText(at, 'day')}, ${bucketText(at, 'minute')}`;

const clock = (at: number): string => new Date(at).toLocaleTimeString('en-GB');

/** The start of a bucket, as an axis shows it. */
export function bucketText(at: number, bucket: 'minute' | 'hour' | 'day' | 'week' | 'month'): string {
  const date = new Date(at);
  if (bucket === 'minute' || bucket === 'hour') return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (bucket === 'month') return date.toLocaleDateString('en-GB', { month: 'short', year: 'numeric' });
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}
