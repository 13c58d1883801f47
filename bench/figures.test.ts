import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { relativeWidth, short, spread, table, withSpread } from './figures.ts';

test('the spread of figures is their median, lowest and highest', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, low: 1, high: 3 });
  assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, low: 1, high: 4 });
  assert.deepEqual(spread([7]), { median: 7, low: 7, high: 7 });
});

test('what was not measured does not count, and nothing measured is no figure', () => {
  assert.deepEqual(spread([undefined, 5, null, NaN, Infinity]), { median: 5, low: 5, high: 5 });
  assert.equal(spread([undefined, null, NaN]), undefined);
  assert.equal(spread([]), undefined);
});

test('the median lies within the spread, whatever the order', () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(numbers, (values) => {
      const found = spread(values)!;
      assert.ok(found.low <= found.median && found.median <= found.high);
      assert.deepEqual(spread(values.toReversed()), found);
    }),
  );
});

test('the width of a spread is a share of its median', () => {
  assert.equal(relativeWidth({ median: 10, low: 9, high: 11 }), 0.2);
  assert.equal(relativeWidth({ median: 0, low: 0, high: 0 }), 0);
});

const shortened: readonly (readonly [number | undefined, string])[] = [
  [12345.6, '12346'],
  [123.4, '123'],
  [12.34, '12.3'],
  [1.234, '1.23'],
  [0.0123, '0.012'],
  [0, '0.00'],
  [-2.5, '-2.50'],
  [undefined, '-'],
  [NaN, '-'],
];
for (const [value, text] of shortened) test(`${value} is shown as ${text}`, () => assert.equal(short(value), text));

test('a figure is shown with its spread when it has one', () => {
  assert.equal(withSpread({ median: 2, low: 1, high: 3 }), '2.00 (1.00-3.00)');
  assert.equal(withSpread({ median: 2, low: 2, high: 2 }), '2.00');
  assert.equal(withSpread(undefined), '-');
});

test('a bar inside a cell does not end it', () => {
  assert.equal(table(['a', 'b'], [['x|y', 'z']]), '| a | b |\n| --- | --- |\n| x\\|y | z |');
});
