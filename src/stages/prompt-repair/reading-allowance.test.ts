import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReadingAllowance, maxObservedBytes, observedBytesPerSecond } from './reading-allowance.ts';

test('a prompt is read up to its limit, and no more in a second than theirs', () => {
  let now = 5_000;
  const mayRead = createReadingAllowance(() => now);
  assert.equal(mayRead(maxObservedBytes + 1), false);
  for (let read = 0; read < observedBytesPerSecond; read += maxObservedBytes) assert.equal(mayRead(maxObservedBytes), true);
  assert.equal(mayRead(1), false);
  now = 5_999;
  assert.equal(mayRead(1), false);
  now = 6_000;
  assert.equal(mayRead(maxObservedBytes), true);
});
