import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStores } from './index.ts';

test('grants never pass the limit; what is not stated by an owner that died is free again', async () => {
  let now = 1000;
  const { budgets } = createMemoryStores({ now: () => now });
  const counter = { id: 'c', limit: 10, endsAt: undefined };
  assert.equal((await budgets.lease('a', { counter, least: 1, wanted: 8, ttlMs: 100 })).granted, 8);
  assert.deepEqual(await budgets.state('a', [{ counter, spent: 3, keep: 5 }], 100), [5]);
  assert.equal((await budgets.lease('b', { counter, least: 3, wanted: 8, ttlMs: 100 })).granted, 0);
  now += 100;
  assert.deepEqual(await budgets.lease('b', { counter, least: 3, wanted: 8, ttlMs: 100 }), {
    granted: 7,
    state: { id: 'c', spent: 3, held: 7 },
  });
  assert.deepEqual(await budgets.expired(), [{ owner: 'a', counters: ['c'] }]);
});
