import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isTimeZone, wallClock } from './time-zone.ts';
import { calendarWindows, isWindowName, rollingMs, rollingSteps, windowFinder } from './window.ts';

const at = (text: string): number => Date.parse(text);

describe('the window a time falls into', () => {
  const cases: readonly (readonly [
    name: Parameters<typeof windowFinder>[0],
    zone: string,
    now: string,
    key: string,
    from: string,
    to: string,
  ])[] = [
    ['hour', 'UTC', '2026-11-25T12:50:00Z', '2026-11-25T12:00Z', '2026-11-25T12:00:00Z', '2026-11-25T13:00:00Z'],
    ['hour', 'Asia/Kolkata', '2026-11-25T12:50:00Z', '2026-11-25T12:30Z', '2026-11-25T12:30:00Z', '2026-11-25T13:30:00Z'],
    ['day', 'UTC', '2026-11-25T12:50:00Z', '2026-11-25', '2026-11-25T00:00:00Z', '2026-11-26T00:00:00Z'],
    ['day', 'America/New_York', '2026-11-25T03:00:00Z', '2026-11-24', '2026-11-24T05:00:00Z', '2026-11-25T05:00:00Z'],
    // A day of 23 hours, one of 25, and one whose midnight does not exist.
    ['day', 'Europe/Berlin', '2026-03-29T10:00:00Z', '2026-03-29', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T10:00:00Z', '2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['day', 'America/Santiago', '2026-09-06T12:00:00Z', '2026-09-06', '2026-09-06T04:00:00Z', '2026-09-07T03:00:00Z'],
    ['week', 'UTC', '2026-11-29T23:59:59Z', 'week-2026-11-23', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['month', 'Asia/Tokyo', '2026-11-30T15:00:00Z', '2026-12', '2026-11-30T15:00:00Z', '2026-12-31T15:00:00Z'],
  ];
  for (const [name, zone, now, key, from, to] of cases)
    test(`${name} in ${zone} at ${now}`, () => {
      const window = windowFinder(name, zone)(at(now));
      assert.deepEqual([window.key, window.startsAt, window.turnsAt], [key, at(from), at(to)]);
    });

  test('total never turns', () => {
    const { key, turnsAt, endsAt } = windowFinder('total')(0);
    assert.deepEqual([key, turnsAt, endsAt], ['total', undefined, undefined]);
  });
});

test('windows of the calendar lie side by side, in every zone', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'America/Santiago', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...calendarWindows),
      fc.integer({ min: at('2020-01-01'), max: at('2035-01-01') }),
      (zone, name, now) => {
        const find = windowFinder(name, zone);
        const { startsAt, turnsAt, key } = find(now);
        assert.ok(startsAt! <= now && now < turnsAt!);
        assert.equal(find(turnsAt! - 1).key, key);
        const next = find(turnsAt!);
        assert.deepEqual([next.startsAt, next.key === key], [turnsAt, false]);
      },
    ),
    { numRuns: 300 },
  );
});

describe('a rolling window', () => {
  test('is made of steps, and reaches back at least its length', () => {
    const find = windowFinder('rolling:24h');
    const now = at('2026-11-25T12:50:00Z');
    const { key, before, turnsAt } = find(now);
    assert.equal(before.length, rollingSteps);
    assert.equal(find(turnsAt! - 1).key, key);
    assert.equal(find(turnsAt!).before[0], key);
    assert.ok(before.includes(windowFinder('rolling:24h')(now - 24 * 3_600_000).key));
  });

  const names = [
    ['rolling:90m', 5_400_000],
    ['rolling:7d', 604_800_000],
    ['rolling:400d', 400 * 86_400_000],
    ['rolling:401d', undefined],
    ['rolling:0h', undefined],
    ['rolling:1s', undefined],
    ['rolling', undefined],
  ] as const;
  for (const [name, ms] of names)
    test(`${name} ${ms === undefined ? 'is none' : `is ${ms} ms`}`, () => {
      assert.equal(rollingMs(name), ms);
      assert.equal(isWindowName(name), ms !== undefined);
    });
});

test('a time zone is an IANA name', () => {
  assert.deepEqual(['Europe/Berlin', 'UTC', 'Mars/Olympus', ''].map(isTimeZone), [true, true, false, false]);
  assert.throws(() => wallClock('Mars/Olympus'), RangeError);
});
