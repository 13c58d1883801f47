import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountMemo } from './count-memo.ts';

test('what was counted is not counted again; beyond the limit the oldest is forgotten', () => {
  const memo = new CountMemo(2);
  const made: string[] = [];
  const get = (key: string): number => memo.get(key, () => made.push(key));
  for (const key of ['a', 'b', 'a', 'b', 'c', 'b', 'a']) get(key);
  assert.deepEqual(made, ['a', 'b', 'c', 'a']);
  assert.equal(memo.size, 2);
});
