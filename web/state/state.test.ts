import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketed } from './buckets.ts';
import { filtersOf, filterText, withFilter, withoutFilter } from './filters.ts';
import { forecast } from './forecast.ts';
import { withParameters } from './location.ts';
import { bucketFor, spanOf, startOfDay, startOfMonth } from './range.ts';

const now = new Date(2026, 10, 25, 13, 30).getTime();
const day = 86_400_000;

describe('the filters of an address', () => {
  test('say what a call must be, must not be, or must not have', () => {
    assert.deepEqual(filtersOf('?f=app:support&f=-model:gpt-5:free&f=task&f=tag:plan:pro'), [
      { dimension: 'app', values: ['support'] },
      { dimension: 'model', values: ['gpt-5:free'], not: true },
      { dimension: 'task', values: [null] },
      { dimension: 'tag:plan', values: ['pro'] },
    ]);
  });

  test('are written as they are read', () => {
    const texts = ['app:support', '-model:gpt-5:free', 'task', 'tag:plan:pro', '-tag:plan'];
    const search = `?${new URLSearchParams(texts.map((text) => ['f', text]))}`;
    assert.deepEqual(filtersOf(search).map(filterText), texts);
  });

  test('of the same dimension give way to a new one, and can be taken away', () => {
    assert.deepEqual(withFilter('?f=app:a&f=model:m', 'app', 'b'), ['model:m', 'app:b']);
    assert.deepEqual(withoutFilter('?f=app:a&f=model:m', 'app:a'), ['model:m']);
  });
});

test('parameters of an address are changed one by one', () => {
  assert.equal(withParameters('?a=1&f=x&f=y', { f: ['z:1'], b: '2' }), '?a=1&f=z:1&b=2');
  assert.equal(withParameters('?a=1', { a: undefined }), '');
});

describe('spans of time', () => {
  test('begin with a day or a month of the visitor', () => {
    assert.deepEqual(spanOf('today', now), { from: startOfDay(now) });
    assert.deepEqual(spanOf('month', now), { from: startOfMonth(now) });
    assert.equal(new Date(spanOf('7d', now).from!).getDate(), 19);
    assert.deepEqual(spanOf('all', now), {});
    assert.deepEqual(spanOf('100-200', now), { from: 100, to: 200 });
    assert.deepEqual(spanOf('nonsense', now), spanOf('7d', now), 'what is no span is the usual one');
  });

  test('have buckets that make some dozen points', () => {
    assert.deepEqual(
      [1 / 24, 1, 7, 30, 200, 900].map((days) => bucketFor({ from: now - days * day }, now)),
      ['minute', 'hour', 'day', 'day', 'week', 'month'],
    );
  });

  test('have a slot for each bucket, calls in it or not', () => {
    const from = new Date(2026, 2, 27).getTime(); // over a change of the clock, where there is one
    const slots = bucketed([], 'day', { from, to: from + 4.5 * day });
    assert.deepEqual(
      slots.map(({ time }) => new Date(time).getDate()),
      [27, 28, 29, 30, 31],
    );
  });
});

describe('the forecast of a month', () => {
  test('of even days is their sum, and sure', () => {
    const { expected, low, high } = forecast({ days: Array(20).fill(10), spent: 205, today: 5, daysLeft: 9, dayLeft: 0.5 });
    assert.deepEqual([expected, low, high].map(Math.round), [300, 300, 300]);
  });

  test('knows weekends: the days to come are as their weekdays were', () => {
    const weeks = Array.from({ length: 28 }, (_, at) => (at % 7 < 5 ? 10 : 0)); // ends with a Sunday: today is a Monday
    assert.equal(forecast({ days: weeks, spent: 0, today: 0, daysLeft: 6, dayLeft: 1 }).expected, 50);
  });

  test('of the first day goes by that day, and says how little it knows', () => {
    const { expected, low, high } = forecast({ days: [], spent: 5, today: 5, daysLeft: 29, dayLeft: 0.5 });
    assert.equal(expected, 5 + 10 * 29.5);
    assert.ok(low < expected * 0.8 && high > expected * 1.2);
  });

  test('is never less than what was spent', () => {
    assert.equal(forecast({ days: [100, 0, 0], spent: 100, today: 0, daysLeft: 1, dayLeft: 0 }).low, 100);
  });
});
