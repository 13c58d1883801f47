import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelled, ticks } from './scale.ts';

test('ticks are round, begin at 0 and reach over the largest value', () => {
  assert.deepEqual(ticks(9), [0, 5, 10]);
  assert.deepEqual(ticks(0.05), [0, 0.02, 0.04, 0.06]);
  assert.deepEqual(ticks(0), [0, 1]);
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (max) => {
      const all = ticks(max);
      return all[0] === 0 && all.at(-1)! >= max * 0.998 && all.length >= 2 && all.length <= 7;
    }),
  );
});

test('labels leave room for each other', () => {
  const shows = labelled(30, 640);
  assert.deepEqual([0, 1, 2, 3, 6].map(shows), [true, false, false, true, true]);
  assert.equal(labelled(3, 640)(1), true);
});
