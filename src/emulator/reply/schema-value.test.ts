import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../core/json.ts';
import { minimalValue } from './schema-value.ts';

const cases: readonly (readonly [what: string, schema: Json, value: Json])[] = [
  ['nothing', {}, 'emulator'],
  [
    'required properties only',
    { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } }, required: ['b'] },
    { b: 1 },
  ],
  ['bounds of integers', { type: 'integer', minimum: 5, maximum: 9, multipleOf: 4 }, 8],
  ['exclusive bounds', { type: 'integer', exclusiveMinimum: 3, exclusiveMaximum: 5 }, 4],
  ['a negative range', { type: 'number', maximum: -2 }, -2],
  ['an enumeration', { type: 'string', enum: ['red', 'green'] }, 'red'],
  ['a constant', { const: 7 }, 7],
  ['an array without a least length', { type: 'array', items: { type: 'boolean' } }, []],
  ['an array with one', { type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
  ['a tuple', { type: 'array', prefixItems: [{ type: 'integer' }, { const: 'x' }] }, [1, 'x']],
  ['lengths', { type: 'string', minLength: 10, maxLength: 10 }, 'emulatoraa'],
  ['a short length', { type: 'string', maxLength: 3 }, 'emu'],
  ['a pattern', { type: 'string', pattern: '^\\d+$' }, '0'],
  ['a format', { type: 'string', format: 'date' }, '2026-01-01'],
  ['a reference', { $ref: '#/$defs/n', $defs: { n: { type: 'null' } } }, null],
  ['alternatives', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 1],
  [
    'parts of a whole',
    {
      allOf: [
        { type: 'object', properties: { a: { const: 1 } }, required: ['a'] },
        { properties: { b: { const: 2 } }, required: ['b'] },
      ],
    },
    { a: 1, b: 2 },
  ],
  ['a list of types', { type: ['string', 'null'] }, 'emulator'],
  ['Google’s upper case', { type: 'OBJECT', properties: { n: { type: 'INTEGER' } }, required: ['n'] }, { n: 1 }],
  ['a shell command', { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] }, { command: 'echo emulator' }],
  [
    'a shell command in words',
    { type: 'object', properties: { command: { type: 'array', items: { type: 'string' } } }, required: ['command'] },
    { command: ['bash', '-lc', 'echo emulator'] },
  ],
];
for (const [what, schema, value] of cases)
  test(`the smallest value for ${what}`, () => {
    assert.deepEqual(minimalValue(schema), value);
  });

test('a schema that contains itself ends', () => {
  const tree: Json = {
    $ref: '#/$defs/tree',
    $defs: { tree: { type: 'object', properties: { child: { $ref: '#/$defs/tree' } }, required: ['child'] } },
  };
  assert.ok(JSON.stringify(minimalValue(tree)).length < 1000);
});
