import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memory } from './memory.ts';

test('at its limit a memory keeps all, above it the oldest goes', () => {
  const memory = new Memory<number>(2);
  memory.set('a', 1);
  memory.set('b', 2);
  assert.deepEqual([memory.get('a'), memory.get('b')], [1, 2]);
  memory.set('a', 3); // now the newest
  memory.set('c', 4);
  assert.deepEqual([memory.size, memory.get('a'), memory.get('b'), memory.get('c')], [2, 3, undefined, 4]);
});
