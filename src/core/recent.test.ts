import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recent } from './recent.ts';

test('the last half of the limit is always known, and never more than the limit', () => {
  const recent = new Recent<string, number>(100);
  for (let at = 0; at < 1000; at += 1) {
    recent.set(String(at), at);
    assert.ok(recent.size <= 100);
    for (let back = 0; back < 50 && at - back >= 0; back += 1) assert.equal(recent.get(String(at - back)), at - back);
  }
  assert.equal(recent.has('0'), false);
});

test('it says since when everything is known', () => {
  let nowMs = 1000;
  const recent = new Recent<string>(4, () => nowMs);
  const tell = (key: string): void => {
    nowMs += 10;
    recent.set(key, true);
  };
  for (const key of ['a', 'b', 'c', 'd']) tell(key);
  assert.equal(recent.sinceMs, 0, 'nothing is forgotten yet');
  tell('e');
  assert.deepEqual([recent.has('a'), recent.has('c')], [false, true]);
  assert.equal(recent.sinceMs, 1030, 'when `c` was told');
});
