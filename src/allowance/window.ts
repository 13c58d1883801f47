import { wallClock, type WallClock } from './time-zone.ts';

export const calendarWindows = ['minute', 'hour', 'day', 'week', 'month'] as const;
type Calendar = (typeof calendarWindows)[number];
/** `call`: each call by itself. `rolling:24h`: any 24 hours. `total`: for ever. */
export type WindowName = 'call' | Calendar | 'total' | `rolling:${string}`;

/** One stretch of time over which a counter counts. */
export interface Window {
  /** Tells it from other windows of the same kind: `2026-11`. */
  readonly key: string;
  /** Epoch ms; `undefined`: since ever. */
  readonly startsAt: number | undefined;
  /** Epoch ms from which calls count to the next window, or, of a rolling one, some of it is free again; `undefined`: never. */
  readonly turnsAt: number | undefined;
  /** Epoch ms from which nobody asks for the counter any more: calls that end late are settled until then. */
  readonly endsAt: number | undefined;
  /** Earlier windows whose counts still count: those of a rolling window. */
  readonly before: readonly string[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** How long after its window a call may still be under way. */
const lateMs = 24 * hourMs;
/** Counters a rolling window is made of: its reach is exact to one of these, on the safe side. */
export const rollingSteps = 24;
export const maxRollingMs = 400 * dayMs;

const units: Readonly<Record<string, number>> = { m: minuteMs, h: hourMs, d: dayMs };
const rollingPattern = /^rolling:([1-9]\d{0,5})([mhd])$/;

/** Ms of `rolling:90m`; `undefined` for what is none. */
export function rollingMs(name: string): number | undefined {
  const match = rollingPattern.exec(name);
  const ms = match ? Number(match[1]) * units[match[2]!]! : undefined;
  return ms !== undefined && ms <= maxRollingMs ? ms : undefined;
}

export const isWindowName = (name: string): name is WindowName =>
  name === 'call' || name === 'total' || (calendarWindows as readonly string[]).includes(name) || rollingMs(name) !== undefined;

const forEver: Window = { key: 'total', startsAt: undefined, turnsAt: undefined, endsAt: undefined, before: [] };

/** Finds the window of a time. The last answer is kept, since nearly all calls fall into it. @throws {RangeError} for what is no window or no time zone */
export function windowFinder(name: WindowName, timeZone = 'UTC'): (nowMs: number) => Window {
  const find = finderOf(name, timeZone);
  let last: Window | undefined;
  return (nowMs) => {
    if (last && (last.turnsAt === undefined || nowMs < last.turnsAt) && nowMs >= (last.startsAt ?? 0)) return last;
    return (last = find(nowMs));
  };
}

function finderOf(name: WindowName, timeZone: string): (nowMs: number) => Window {
  if (name === 'total' || name === 'call') return () => forEver;
  if ((calendarWindows as readonly string[]).includes(name)) return calendarFinder(name as Calendar, wallClock(timeZone));
  const lengthMs = rollingMs(name);
  if (lengthMs === undefined) throw new RangeError(`no window: ${name}`);
  return (nowMs) => rollingWindow(lengthMs, nowMs);
}

/** Counts of `rollingSteps` whole steps before this one, so that no stretch of `lengthMs` ever holds more than the limit. */
function rollingWindow(lengthMs: number, nowMs: number): Window {
  const stepMs = Math.ceil(lengthMs / rollingSteps);
  const index = Math.floor(nowMs / stepMs);
  const keyOf = (at: number): string => `${stepMs}x${at}`;
  const turnsAt = (index + 1) * stepMs;
  return {
    key: keyOf(index),
    startsAt: index * stepMs,
    turnsAt,
    endsAt: turnsAt + lengthMs + lateMs,
    before: Array.from({ length: rollingSteps }, (_, back) => keyOf(index - 1 - back)),
  };
}

function calendarFinder(unit: Calendar, clock: WallClock): (nowMs: number) => Window {
  return (nowMs) => {
    const local = clock.localAt(nowMs);
    if (unit === 'minute') return shortWindow(Math.floor(nowMs / minuteMs) * minuteMs, minuteMs);
    if (unit === 'hour') return shortWindow(nowMs - (((local % hourMs) + hourMs) % hourMs), hourMs);
    const from = startOf(unit, local);
    const startsAt = clock.instantOf(from);
    const turnsAt = clock.instantOf(nextOf(unit, from));
    const date = new Date(from).toISOString();
    const key = unit === 'month' ? date.slice(0, 7) : unit === 'week' ? `week-${date.slice(0, 10)}` : date.slice(0, 10);
    return { key, startsAt, turnsAt, endsAt: turnsAt + lateMs, before: [] };
  };
}

/** Hours go by the instant, so that the hour which autumn repeats is two. */
function shortWindow(startsAt: number, lengthMs: number): Window {
  const turnsAt = startsAt + lengthMs;
  return { key: `${new Date(startsAt).toISOString().slice(0, 16)}Z`, startsAt, turnsAt, endsAt: turnsAt + lateMs, before: [] };
}

type Day = Exclude<Calendar, 'minute' | 'hour'>;

function startOf(unit: Day, local: number): number {
  const date = new Date(local);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (unit === 'month') return Date.UTC(year, month, 1);
  const sinceMonday = unit === 'week' ? (date.getUTCDay() + 6) % 7 : 0;
  return Date.UTC(year, month, day - sinceMonday);
}

function nextOf(unit: Day, from: number): number {
  const date = new Date(from);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return from + (unit === 'week' ? 7 : 1) * dayMs;
}
