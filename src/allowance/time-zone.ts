const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Wall clock of a time zone. A local time is written as the epoch ms at which UTC shows it. */
export interface WallClock {
  localAt(ms: number): number;
  /** The first instant that shows `localMs`; where clocks jump over it, the instant of the jump. */
  instantOf(localMs: number): number;
}

/** @throws {RangeError} when `timeZone` is no IANA name */
export function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const localAt = (ms: number): number => {
    const part: { [type: string]: number } = {};
    for (const { type, value } of format.formatToParts(ms)) part[type] = Number(value);
    const seconds = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second);
    return seconds + (((ms % 1000) + 1000) % 1000);
  };
  const instantOf = (localMs: number): number => {
    // No offset changes twice within two days, so one of these two holds.
    const before = localMs - offsetAt(localAt, localMs - dayMs);
    const after = localMs - offsetAt(localAt, localMs + dayMs);
    const shown = [before, after].filter((ms) => localAt(ms) === localMs);
    return shown.length > 0 ? Math.min(...shown) : before;
  };
  return { localAt, instantOf };
}

const offsetAt = (localAt: WallClock['localAt'], ms: number): number => localAt(ms) - ms;

export function isTimeZone(name: string): boolean {
  try {
    wallClock(name);
    return true;
  } catch {
    return false;
  }
}
