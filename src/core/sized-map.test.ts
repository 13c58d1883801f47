import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SizedMap } from './sized-map.ts';

function mapOf(maxBytes: number, maxEntries = 100) {
  const gone: string[] = [];
  return { gone, map: new SizedMap<number>({ maxBytes, maxEntries, dropped: (value, key) => void gone.push(`${key}${value}`) }) };
}

test('what was put or used longest ago goes first; to peek is no use', () => {
  const { gone, map } = mapOf(10);
  for (const key of ['a', 'b', 'c']) map.set(key, 1, 3);
  assert.deepEqual([map.get('a'), map.peek('b')], [1, 1]);
  map.set('d', 1, 3);
  assert.deepEqual([gone, map.size, map.bytes], [['b1'], 3, 9]);
});

test('at its bounds all stay, one beyond goes', () => {
  const { gone, map } = mapOf(6, 2);
  map.set('a', 1, 3);
  map.set('b', 1, 3);
  assert.deepEqual(gone, []);
  map.set('c', 1, 0);
  assert.deepEqual(gone, ['a1']);
  map.grow('c', 4);
  assert.deepEqual([gone, map.bytes], [['a1', 'b1'], 4]);
});

test('one that replaces another counts alone; one larger than all there is room for goes itself', () => {
  const { gone, map } = mapOf(5);
  map.set('a', 1, 4);
  map.set('a', 2, 5);
  assert.deepEqual([gone, map.peek('a'), map.bytes], [['a1'], 2, 5]);
  map.set('b', 3, 6);
  assert.deepEqual([gone, map.size, map.bytes], [['a1', 'a2', 'b3'], 0, 0]);
  map.delete('b');
  map.grow('b', 1);
  assert.deepEqual([gone.length, map.bytes], [3, 0]);
});
