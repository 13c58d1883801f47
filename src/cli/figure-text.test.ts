import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countText, durationText, plainText, usdDecimals, usdText } from './figure-text.ts';

for (const [count, expected] of [
  [0, '0'],
  [999, '999'],
  [12_345, '12,345'],
  [99_999, '99,999'],
  [100_000, '100k'],
  [999_499, '999k'],
  [999_500, '1.00M'],
  [9_995_000, '10.0M'],
  [123_456_789, '123M'],
  [2_500_000_000, '2.50G'],
] as const) {
  test(`${count} tokens are shown as ${expected}`, () => assert.equal(countText(count), expected));
}

for (const [amount, decimals, expected] of [
  [null, 2, 'unknown'],
  ['0', 4, '$0.0000'],
  ['0.0123456', 4, '$0.0123'],
  ['0.00001', 4, '<$0.0001'],
  ['1234.5', 2, '$1,234.50'],
  ['-0.5', 2, '-$0.50'],
] as const) {
  test(`${amount} USD with ${decimals} decimals is ${expected}`, () => assert.equal(usdText(amount, decimals), expected));
}

test('the largest amount of a column sets its decimals', () => {
  assert.deepEqual([['250.1', '0.001'], ['0.5', null], ['0.0004'], [null], []].map(usdDecimals), [2, 4, 6, 2, 2]);
});

for (const [ms, expected] of [
  [null, '-'],
  [0.25, '0.3ms'],
  [850, '850ms'],
  [999.6, '1.00s'],
  [12_340, '12.3s'],
  [59_960, '1m00s'],
  [125_000, '2m05s'],
] as const) {
  test(`${ms} ms is shown as ${expected}`, () => assert.equal(durationText(ms), expected));
}

test('a label cannot steer the terminal', () => {
  assert.equal(plainText('a\u001b[2Jb\rc\u202ed é 中'), 'a?[2Jb?c?d é 中');
});
