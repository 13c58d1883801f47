import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { interpolate, maxDepth } from './interpolate.ts';

describe('variables in text', () => {
  const environment = { A: 'a', EMPTY: '', NESTED: '${A}', B_2: 'b' };
  const cases: readonly (readonly [text: string, becomes: string])[] = [
    ['${A}', 'a'],
    ['x${A}y${B_2}z', 'xaybz'],
    ['${EMPTY}', ''],
    ['${EMPTY:-d}', 'd'],
    ['${GONE:-d}', 'd'],
    ['${GONE:-}', ''],
    ['${GONE:-http://h:1/v1}', 'http://h:1/v1'],
    ['${A:-d}', 'a'],
    ['${NESTED}', '${A}'],
    ['$${A}', '${A}'],
    ['$A and $', '$A and $'],
    ['no variable', 'no variable'],
  ];
  for (const [text, becomes] of cases)
    test(`${text} becomes ${becomes}`, () => assert.equal(interpolate(text, environment).value, becomes));
});

describe('text that names no variable is told', () => {
  for (const text of ['${', '${}', '${A', '${1A}', '${A B}', '${A:+x}', '${A-x}'])
    test(text, () => {
      const { faults, value } = interpolate([text], { A: 'a' });
      assert.deepEqual(value, [text]);
      assert.deepEqual(
        faults.map(({ path, problem }) => [path, problem]),
        [[[0], 'holds a `${` that names no variable']],
      );
    });
});

test('an inherited property is no variable', () => {
  assert.equal(interpolate('${toString}', {}).faults.length, 1);
});

test('everything but text stays; paths of what changed are told', () => {
  const { value, paths, faults } = interpolate({ a: [1, true, null, '${X}'], '${X}': 'k' }, { X: 'x' });
  assert.deepEqual(value, { a: [1, true, null, 'x'], '${X}': 'k' });
  assert.deepEqual(paths, [['a', 3]]);
  assert.deepEqual(faults, []);
});

test('text without `${` never changes, and what a variable holds never is looked at', () => {
  const free = fc.string().filter((text) => !text.includes('${') && !text.endsWith('$'));
  fc.assert(
    fc.property(free, fc.string(), free, (before, held, after) => {
      assert.equal(interpolate(before, { V: held }).value, before);
      assert.equal(interpolate(`${before}\${V}${after}`, { V: held }).value, `${before}${held}${after}`);
    }),
  );
});

test('options as deep as may be are read, deeper ones are told', () => {
  const nested = (levels: number): unknown => (levels === 0 ? '${A}' : [nested(levels - 1)]);
  assert.deepEqual(interpolate(nested(maxDepth), { A: 'a' }).faults, []);
  const { faults } = interpolate(nested(maxDepth + 1), { A: 'a' });
  assert.deepEqual(
    faults.map(({ path, problem }) => [path, problem]),
    [[[0], 'is nested too deeply']],
  );
});
