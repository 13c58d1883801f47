import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import * as check from './checksums.ts';

/** Published examples and numbers made by the published rule: all of these hold, and with any one digit changed none does. */
const valid: Readonly<Record<string, readonly [isValid: (digits: string) => boolean, examples: readonly string[]]>> = {
  Luhn: [check.isLuhn, ['4111111111111111', '378282246310005', '6011111111111117', '046454286']],
  Verhoeff: [check.isVerhoeff, ['234123412346', '2363', '499118665246']],
  'Steuer-ID': [check.isGermanTaxId, ['86095742719', '47036892816', '65929970489']],
  CPF: [check.isCpf, ['52998224725', '11144477735']],
  BSN: [check.isBsn, ['111222333', '123456782']],
  PESEL: [check.isPesel, ['44051401359', '02070803628']],
};

for (const [name, [isValid, examples]] of Object.entries(valid))
  suite(name, () => {
    test('knows valid numbers', () => {
      for (const example of examples) assert.ok(isValid(example), example);
    });
    test('finds every single wrong digit', () => {
      for (const example of examples)
        for (let at = 0; at < example.length; at += 1)
          for (let by = 1; by < 10; by += 1) {
            const wrong = String((Number(example[at]) + by) % 10);
            assert.ok(!isValid(example.slice(0, at) + wrong + example.slice(at + 1)), `${example} at ${at}`);
          }
    });
  });

test('numbers with letters are checked, too', () => {
  const cases: readonly (readonly [(text: string) => boolean, string, string])[] = [
    [check.isSpanishDni, '12345678Z', '12345678A'],
    [check.isSpanishDni, 'X1234567L', 'Y1234567L'],
    [check.isCodiceFiscale, 'RSSMRA85T10A562S', 'RSSMRA85T10A562T'],
    [check.isChineseResidentId, '11010519491231002X', '110105194912310021'],
    [check.isFrenchNir, '255081416802538', '255081416802539'],
    [check.isFrenchNir, '180012A12345637'.slice(0, 13) + nirKey('180012A123456'), '180012A12345600'],
    [(iban) => check.mod97(iban.slice(4) + iban.slice(0, 4)) === 1, 'DE89370400440532013000', 'DE88370400440532013000'],
    [check.isKoreanRrn, '9001011234568', '9001011234567'],
  ];
  for (const [isValid, right, wrong] of cases) assert.deepEqual([isValid(right), isValid(wrong)], [true, false], right);
});

const nirKey = (body: string): string => String(97 - Number(BigInt(body.replace('2A', '19')) % 97n)).padStart(2, '0');

test('social security numbers that were never given out are none', () => {
  for (const never of ['000123456', '666123456', '900123456', '123006789', '123450000', '111111111', '078051120'])
    assert.ok(!check.isSsn(never), never);
  assert.ok(check.isSsn('536228726'));
});

test('a day must exist', () => {
  assert.deepEqual(
    [check.isDate('2000', '2', '29'), check.isDate('1900', '2', '29'), check.isDate('2001', '13', '1'), check.isDate('1799', '1', '1')],
    [true, false, false, false],
  );
});

test('any digits get an answer from every check', () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), minLength: 1, maxLength: 20 });
  fc.assert(fc.property(digits, (text) => Object.values(valid).every(([isValid]) => typeof isValid(text) === 'boolean')));
});
