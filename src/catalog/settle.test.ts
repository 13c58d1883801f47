import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inputBuckets } from '../core/usage.ts';
import type { Line } from './lines.ts';
import { settle, settleInBigInts, settleInNumbers } from './settle.ts';

const line = (count: number, pico: number, numerator = 1): Line => ({
  bucket: 'input',
  count,
  rate: { pico, of: 'input', flag: undefined },
  numerator,
});

const anyLine = fc.record({
  count: fc.oneof(fc.integer({ min: 1, max: 2_000_000 }), fc.maxSafeInteger().map(Math.abs)),
  pico: fc.nat(2_000_000_000),
  numerator: fc.integer({ min: 1, max: 60 }),
});
const anyLines = fc.array(
  anyLine.map(({ count, pico, numerator }) => line(Math.max(1, count), pico, numerator)),
  { maxLength: inputBuckets.length },
);

test('plain numbers and big integers give the same, wherever numbers are used', () => {
  fc.assert(
    fc.property(anyLines, fc.integer({ min: 1, max: 3000 }), (lines, denominator) => {
      const inNumbers = settleInNumbers(lines, denominator);
      if (inNumbers) assert.deepEqual(inNumbers, settleInBigInts(lines, denominator));
      else
        assert.ok(
          lines.reduce((sum, { count, rate, numerator }) => sum + BigInt(count) * BigInt(rate.pico) * BigInt(numerator), 0n) >= 2n ** 53n,
        );
    }),
    { numRuns: 3000 },
  );
});

test('numbers are used up to the last safe integer, big integers from there', () => {
  assert.equal(settleInNumbers([line(Number.MAX_SAFE_INTEGER, 1)], 1)?.total, 9_007_199_254_741);
  assert.equal(settleInNumbers([line(Number.MAX_SAFE_INTEGER, 1), line(1, 1)], 1), undefined);
  assert.equal(settle([line(Number.MAX_SAFE_INTEGER, 1), line(1, 1)], 1)?.total, 9_007_199_254_741);
  assert.equal(settle([line(Number.MAX_SAFE_INTEGER, 1000)], 1)?.total, Number.MAX_SAFE_INTEGER);
  assert.equal(settle([line(Number.MAX_SAFE_INTEGER, 1000), line(1, 1000)], 1), undefined);
});

test('half a nano-dollar goes to the even neighbour, in one rounding', () => {
  const totals = [499, 500, 501, 1499, 1500, 1501, 2500].map((pico) => [
    settleInNumbers([line(1, pico)], 1)?.total,
    settleInBigInts([line(1, pico)], 1)?.total,
  ]);
  assert.deepEqual(totals, [
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 1],
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
  assert.equal(settleInNumbers([line(1, 400), line(1, 400), line(1, 400)], 1)?.total, 1);
});

test('what rounding leaves over goes to the largest part', () => {
  assert.deepEqual(settleInNumbers([line(1, 600), line(1, 2700), line(1, 1600)], 1), { total: 5, parts: [0, 4, 1] });
});

test('no lines: 0', () => {
  assert.deepEqual(settle([], 1), { total: 0, parts: [] });
  assert.deepEqual(settleInBigInts([], 2), { total: 0, parts: [] });
});
