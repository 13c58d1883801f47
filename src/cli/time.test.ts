import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTime } from './time.ts';

const now = Date.parse('2026-11-25T09:30:00.000Z');

for (const [text, expected] of [
  ['2026-11-24', '2026-11-24T00:00:00.000Z'],
  ['2026-11-24T08:15', '2026-11-24T08:15:00.000Z'],
  ['2026-11-24T08:15:30', '2026-11-24T08:15:30.000Z'],
  ['2026-11-24T08:15:30.250Z', '2026-11-24T08:15:30.250Z'],
  ['2026-11-24T08:15+02:00', '2026-11-24T06:15:00.000Z'],
  ['now', '2026-11-25T09:30:00.000Z'],
  ['today', '2026-11-25T00:00:00.000Z'],
  ['yesterday', '2026-11-24T00:00:00.000Z'],
  ['45s', '2026-11-25T09:29:15.000Z'],
  ['30m', '2026-11-25T09:00:00.000Z'],
  ['24h', '2026-11-24T09:30:00.000Z'],
  ['7d', '2026-11-18T09:30:00.000Z'],
  ['2w', '2026-11-11T09:30:00.000Z'],
] as const) {
  test(`${text} is ${expected}`, () => assert.equal(new Date(readTime('since', text, now)).toISOString(), expected));
}

for (const text of ['', '7', '7x', '-1d', '25.11.2026', '2026-02-30T', 'Tomorrow', '9999999d']) {
  test(`"${text}" is no time`, () => assert.throws(() => readTime('since', text, now), { exitCode: 2 }));
}
