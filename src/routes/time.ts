import { wallClock, type WallClock } from '../allowance/time-zone.ts';
import { days, type Day, type TimeMatch } from './match.ts';

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** Minutes since midnight of `08:30`; `24:00` is the end of the day. */
const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Tells whether an instant lies in the times of a rule. */
export function timeMatcher({ from = '00:00', to = '24:00', days: wanted = days, timeZone }: TimeMatch): (nowMs: number) => boolean {
  const clock = memoized(wallClock(timeZone));
  const [start, end] = [minuteOf(from), minuteOf(to)];
  const isWanted = new Set<Day>(wanted);
  return (nowMs) => {
    const { day, minute } = clock(nowMs);
    if (start < end) return minute >= start && minute < end && isWanted.has(days[day]!);
    // Over midnight: the evening of one day, or the morning that belongs to the day before.
    return (minute >= start && isWanted.has(days[day]!)) || (minute < end && isWanted.has(days[(day + 6) % 7]!));
  };
}

/** `tue 08:30`, for people. */
export function shownTime(nowMs: number, timeZone: string): string {
  const { day, minute } = localTime(wallClock(timeZone), nowMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${days[day]} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

interface LocalTime {
  /** 0 is Monday. */
  readonly day: number;
  /** Since midnight. */
  readonly minute: number;
}

function localTime(clock: WallClock, nowMs: number): LocalTime {
  const minutes = Math.floor(clock.localAt(nowMs) / minuteMs);
  const day = Math.floor(minutes / dayMinutes);
  return { day: (((day + 3) % 7) + 7) % 7, minute: minutes - day * dayMinutes }; // 1970 began on a Thursday
}

/** A time zone's calendar is slow to ask: once a minute is enough. */
function memoized(clock: WallClock): (nowMs: number) => LocalTime {
  let asked = -1;
  let found: LocalTime = { day: 0, minute: 0 };
  return (nowMs) => {
    const minute = Math.floor(nowMs / minuteMs);
    if (minute !== asked) {
      found = localTime(clock, minute * minuteMs);
      asked = minute;
    }
    return found;
  };
}
