import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentIds } from './recent-ids.ts';

test('what was told is known, before and after somebody asked', () => {
  const ids = new RecentIds(10);
  ids.add('a');
  assert.deepEqual([ids.has('a'), ids.has('b')], [true, false]);
  ids.add('b');
  assert.deepEqual([ids.has('a'), ids.has('b'), ids.size], [true, true, 2]);
});

test('at least half of the limit and at most the limit is remembered: the newest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 0, max: 100 }), fc.func(fc.boolean()), (limit, count, asks) => {
      const ids = new RecentIds(limit);
      const told = Array.from({ length: count }, (_, at) => `id ${at}`);
      for (const id of told) {
        ids.add(id);
        if (asks(id)) ids.has(id);
      }
      const known = told.filter((id) => ids.has(id));
      assert.deepEqual(known, told.slice(count - known.length));
      assert.ok(known.length <= limit && known.length >= Math.min(count, Math.floor(limit / 2)));
    }),
  );
});

test('it tells since when it knows everything', () => {
  let nowMs = 0;
  const ids = new RecentIds(4, () => (nowMs += 1));
  const since = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => {
    ids.add(id);
    return ids.sinceMs;
  });
  assert.deepEqual(since, [0, 0, 0, 0, 2, 2]); // with `e` go `a` and `b`; the others were told after the second change
});
