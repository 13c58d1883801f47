import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotient, race } from './race.ts';

test('every competitor is measured as often as asked, in turn', () => {
  const order: string[] = [];
  const note = (name: string) => () => {
    if (order.at(-1) !== name) order.push(name);
    let sum = 0;
    for (let at = 0; at < 2000; at += 1) sum += at;
    return sum;
  };
  const { one, two } = race({ one: note('one'), two: note('two') }, { rounds: 3, minMs: 1 });
  assert.ok(one.low > 0 && one.low <= one.median && one.median <= one.high);
  assert.ok(two.median > 0);
  // Both warm up first; then the order turns round, so that equal neighbours are one entry.
  assert.deepEqual(order, ['one', 'two', 'one', 'two', 'one', 'two']);
});

test('work that makes nothing is refused: it may be optimised away', () => {
  assert.throws(() => race({ idle: () => undefined }, { rounds: 1, minMs: 1 }), /must return/);
});

test('bounds of a quotient take the worst of both', () => {
  assert.deepEqual(quotient({ median: 4, low: 2, high: 6 }, { median: 2, low: 1, high: 4 }), { median: 2, low: 0.5, high: 6 });
});
