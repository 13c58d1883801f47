import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perSecond } from './per-second.ts';

test('so much in a second, and no more; the next one begins anew', () => {
  let nowMs = 1_000;
  const mayTake = perSecond(3, () => nowMs);
  assert.deepEqual([mayTake(), mayTake(), mayTake(), mayTake()], [true, true, true, false]);
  nowMs = 1_999;
  assert.equal(mayTake(), false);
  nowMs = 2_000;
  assert.equal(mayTake(), true);
});

test('what does not fit takes nothing from what does', () => {
  const mayTake = perSecond(10, () => 0);
  assert.deepEqual([mayTake(8), mayTake(3), mayTake(2), mayTake(1)], [true, false, true, false]);
});
