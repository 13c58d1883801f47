import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, stableId } from './id.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('a stable id is a UUID of version 8 that follows from its words', () => {
  assert.equal(uuid.exec(stableId('a', 'b'))?.[1], '8');
  assert.equal(stableId('a', 'b'), stableId('a', 'b'));
  assert.equal(new Set([stableId('a', 'b'), stableId('ab'), stableId('b', 'a'), stableId('a', 'b', '')]).size, 4);
});

test('a new id is a UUID of version 7 that sorts by the order of making', () => {
  const ids = [newId(5), newId(5), newId(4), newId(6)];
  assert.equal(uuid.exec(ids[0]!)?.[1], '7');
  assert.deepEqual(ids, ids.toSorted());
});
