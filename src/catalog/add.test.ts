import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cost } from '../core/record.ts';
import type { NanoUsd } from '../core/usage.ts';
import { addCosts } from './add.ts';

const cost = (total: number | null, status: Cost['status'], rest: Partial<Cost> = {}): Cost => ({
  total: total as NanoUsd | null,
  byBucket: total === null ? {} : { input: total as NanoUsd },
  status,
  flags: [],
  ...rest,
});

test('nothing costs nothing', () => {
  assert.deepEqual(addCosts([]), { total: 0, byBucket: {}, status: 'none', flags: [] });
});

test('costs add up by bucket, flags are named once, the first price version stays', () => {
  const a = cost(2, 'exact', { flags: ['x'], priceVersion: 'v1' });
  const b = cost(3, 'free', { flags: ['x', 'y'], priceVersion: 'v2', byBucket: { output: 3 as NanoUsd } });
  assert.deepEqual(addCosts([a, b]), {
    total: 5,
    byBucket: { input: 2, output: 3 },
    status: 'exact',
    flags: ['x', 'y'],
    priceVersion: 'v1',
  });
});

for (const [left, right, sum] of [
  ['none', 'exact', 'exact'],
  ['exact', 'fallback_rate', 'fallback_rate'],
  ['fallback_rate', 'unmetered', 'unmetered'],
  ['unpriced', 'exact', 'unpriced'],
] as const)
  test(`${left} and ${right} together are ${sum}`, () => {
    assert.equal(addCosts([cost(0, left), cost(0, right)]).status, sum);
    assert.equal(addCosts([cost(0, right), cost(0, left)]).status, sum);
  });

test('an unknown part makes the total unknown, never 0, while what is known stays by bucket', () => {
  assert.deepEqual(addCosts([cost(7, 'exact'), cost(null, 'unpriced')]), {
    total: null,
    byBucket: { input: 7 },
    status: 'unpriced',
    flags: [],
  });
});
