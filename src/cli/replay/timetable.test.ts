import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../emulator/reply/words.ts';
import { timetable } from './timetable.ts';

test('conversations begin one after the other, and their calls follow each other; the same seed gives the same times', () => {
  const table = () => {
    const timesOf = timetable(1000, seeded(1));
    return Array.from({ length: 500 }, () => timesOf(5));
  };
  const conversations = table();
  assert.deepEqual(conversations, table());
  const begins = conversations.map(([first]) => first!);
  assert.ok(begins[0]! >= 1000);
  assert.deepEqual(
    begins,
    begins.toSorted((one, other) => one - other),
  );
  for (const times of conversations)
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
  assert.ok(
    conversations.some((times, index) => times.at(-1)! > (begins[index + 1] ?? Infinity)),
    'some run at the same time',
  );
});

test('on average a minute lies between conversations, and eight seconds in the middle between calls', () => {
  const timesOf = timetable(0, seeded(2));
  const conversations = Array.from({ length: 4000 }, () => timesOf(3));
  const gaps = conversations.flatMap(([one, two, three]) => [two! - one!, three! - two!]).toSorted((one, other) => one - other);
  const mean = conversations.at(-1)![0]! / conversations.length;
  assert.ok(Math.abs(mean / 60_000 - 1) < 0.05, String(mean));
  assert.ok(Math.abs(gaps[gaps.length / 2]! / 8000 - 1) < 0.05, String(gaps[gaps.length / 2]));
});

test('a conversation without calls has none, and one of one call has its beginning', () => {
  const timesOf = timetable(0, () => 0);
  assert.deepEqual([timesOf(0), timesOf(1)], [[], [0]]);
});
