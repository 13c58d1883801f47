import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memo } from './memo.ts';

function counted(limit: number) {
  const made: string[] = [];
  const memo = new Memo(limit, (key) => {
    made.push(key);
    return { key };
  });
  return { memo, made };
}

test('a key is made once', () => {
  const { memo, made } = counted(2);
  assert.equal(memo.get('a'), memo.get('a'));
  assert.deepEqual(made, ['a']);
});

test('never holds more than twice its limit', () => {
  const { memo } = counted(3);
  for (let index = 0; index < 100; index++) {
    memo.get(`${index}`);
    assert.ok(memo.size <= 6);
  }
});

test('keys in use stay, others are forgotten', () => {
  const { memo, made } = counted(2);
  for (const key of ['hot', 'a', 'hot', 'b', 'hot', 'c', 'hot', 'd', 'hot']) memo.get(key);
  assert.deepEqual(made, ['hot', 'a', 'b', 'c', 'd']);
  memo.get('a');
  assert.equal(made.at(-1), 'a');
});
