import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decimalOf, picoPerToken, picoPerUse, scaledInteger, usdText } from './decimal.ts';

describe('USD per million tokens -> pico-USD per token', () => {
  const rates: readonly (readonly [usd: number | string, pico: number])[] = [
    [1, 1_000_000],
    ['1', 1_000_000],
    ['0.003', 3000],
    [0.003625, 3625],
    [0, 0],
    ['0.000001', 1],
    ['1e-6', 1],
    [1e-7, 0],
    [0.1 + 0.2, 300_000],
    [0.00010300000000000001, 103],
    ['0.0833333333', 83_333],
    ['0.0000005', 0],
    ['0.0000015', 2],
    ['0.0000025', 2],
    ['600', 600_000_000],
  ];
  for (const [usd, pico] of rates) test(`${JSON.stringify(usd)} -> ${pico}`, () => assert.equal(picoPerToken(usd), pico));
});

test('USD per thousand uses -> pico-USD per use', () => assert.equal(picoPerUse('2.5'), 2_500_000_000));

for (const text of ['', '-1', '1,5', 'NaN', '1e', '0x10', '1 000', '.5', '9'.repeat(16)])
  test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => scaledInteger(text, 6), RangeError));

test('too large for a safe integer is refused', () => {
  assert.equal(scaledInteger('9007199254.740991', 6), Number.MAX_SAFE_INTEGER);
  assert.throws(() => scaledInteger('9007199254.740992', 6), /too large/);
});

for (const value of [-1, Number.NaN, Infinity])
  test(`the number ${value} is no price`, () => assert.throws(() => decimalOf(value), RangeError));

test('the text of a rate reads back as the same rate', () => {
  assert.equal(usdText(4_400_000, 6), '4.4');
  assert.equal(usdText(0, 6), '0');
  assert.equal(usdText(10_000_000_000, 9), '10');
  fc.assert(fc.property(fc.maxSafeNat(), (pico) => assert.equal(picoPerToken(usdText(pico, 6)), pico)));
});
