import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { change, count, percent, wholeCount } from './count.ts';
import { coarseMoney, money, nanoMoney } from './money.ts';
import { duration, relative } from './time.ts';

const table = <T>(write: (value: T) => string, rows: readonly (readonly [T, string])[]): void => {
  for (const [value, text] of rows) assert.equal(write(value), text, `of ${String(value)}`);
};

describe('money', () => {
  test('is told to the cent, below ten cents by its first two digits', () => {
    table(money, [
      ['12.4', '$12.40'],
      ['0.0042', '$0.0042'],
      ['0.004187', '$0.0042'],
      ['0.34', '$0.34'],
      ['0.0372', '$0.037'],
      ['0.0999', '$0.10'],
      ['1234.5', '$1,234.50'],
      ['48211.7', '$48,212'],
      ['-3.1', '-$3.10'],
      ['0', '$0'],
      [null, 'unknown'],
      ['0.00000123', '<$0.0001'],
    ]);
  });

  test('in headlines is told to the cent, and what is less than one is said to be so', () => {
    table(coarseMoney, [
      ['0.0042', '<$0.01'],
      ['-0.0042', '-<$0.01'],
      ['0.05', '$0.05'],
      [null, 'unknown'],
    ]);
  });

  test('is never rounded to zero', () => {
    const amounts = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    fc.assert(fc.property(amounts, (amount) => [money(amount), coarseMoney(amount)].every((text) => /[1-9]/.test(text))));
  });

  test('of records is nano-USD', () => table(nanoMoney, [[12_400_000_000, '$12.40']]));
});

describe('counts', () => {
  test('have three digits at most and a letter', () => {
    table(count, [
      [0, '0'],
      [950, '950'],
      [18_204, '18.2k'],
      [1_300_000, '1.3M'],
      [999_960, '1M'],
      [182_040, '182k'],
      [2.25, '2.3'],
      [null, 'unknown'],
    ]);
  });

  test('that matter are written out', () => table(wholeCount, [[18_204, '18,204']]));
});

test('a share is never rounded to none or to all', () => {
  table(percent, [
    [0, '0%'],
    [0.0004, '<0.1%'],
    [0.062, '6.2%'],
    [0.62, '62%'],
    [0.9996, '>99.9%'],
    [1, '100%'],
  ]);
});

test('a change has a sign, and from nothing there is none', () => {
  assert.deepEqual(
    [change(12, 10), change(8, 10), change(5, 0), change(0, 0), change(5, 5)],
    ['+20%', '-20%', 'new', 'no change', 'no change'],
  );
});

test('times are told in one unit', () => {
  table(duration, [
    [0.4, '0.4 ms'],
    [12, '12 ms'],
    [1840, '1.8 s'],
    [42_000, '42 s'],
    [120_000, '2 min'],
    [3 * 86_400_000, '3 d'],
  ]);
  assert.deepEqual([relative(1000, 1500), relative(0, 240_000), relative(3 * 86_400_000, 0)], ['just now', '4 min ago', 'in 3 d']);
});
