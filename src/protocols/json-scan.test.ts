import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { picker } from './json-scan.ts';

const pick = picker({ usage: 'usage', id: 'id', choices: [{ finish: 'finish', index: 'index' }], deep: { usage: 'deepUsage' } });

const textOf = (found: readonly Buffer[] | undefined): string | undefined => found?.at(-1)?.toString();

test('a value is found by its place and comes as it stood', () => {
  const { found, whole } = pick(Buffer.from(' {"usage" : { "a": 1.0e2 } , "id":"x" } '));
  assert.equal(textOf(found.usage), '{ "a": 1.0e2 }');
  assert.equal(textOf(found.id), '"x"');
  assert.ok(whole);
});

test('class 26: the word inside strings, other objects and tool arguments does not count', () => {
  const traps = [
    String.raw`{"text":"\"usage\":{\"a\":1}"}`,
    String.raw`{"text":"\\\\\"","more":"\\","x":{"usage":{"a":1}}}`,
    '{"list":[{"usage":{"a":1}}]}',
    '{"usage":null}',
    '[{"usage":{"a":1}}]',
  ];
  for (const trap of traps) assert.equal(pick(Buffer.from(trap)).found.usage, undefined, trap);
});

test('a key written with escapes is the same key', () => {
  assert.equal(textOf(pick(Buffer.from(String.raw`{"us\u0061ge":7 }`)).found.usage), '7');
});

test('a list gives the values of each element in order, a repeated key both its values', () => {
  const { found } = pick(Buffer.from('{"choices":[{"finish":"a","index":0},{"index":1},{"finish":null},{"finish":"b"}],"id":1,"id":2}'));
  assert.deepEqual(found.finish?.map(String), ['"a"', '"b"']);
  assert.equal(textOf(found.id), '2');
});

test('the elements of a list can be had themselves', () => {
  const { found } = picker({ list: [{ a: 'a' }, 'element'] })(Buffer.from('{"list":[{"a":1}, {}, null]}'));
  assert.deepEqual([found.a?.map(String), found.element?.map(String)], [['1'], ['{"a":1}', '{}', 'null']]);
});

test('a byte order mark is passed over', () => {
  assert.equal(textOf(pick(Buffer.from('\u{feff}{"id":1}')).found.id), '1');
});

const document = fc
  .record(
    {
      id: fc.jsonValue(),
      text: fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('"usage":{', '\\', '\\"', `${'x'.repeat(40)}\\`, '"'.repeat(40)),
      ),
      usage: fc.jsonValue(),
      choices: fc.oneof(fc.array(fc.record({ finish: fc.jsonValue(), other: fc.jsonValue() }, { requiredKeys: [] })), fc.jsonValue()),
      deep: fc.oneof(fc.record({ usage: fc.jsonValue() }, { requiredKeys: [] }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  .chain((value) =>
    fc.constantFrom(JSON.stringify(value), JSON.stringify(value, undefined, 2), JSON.stringify({ z: { usage: 1 }, ...value })),
  );

const present = (value: unknown): unknown => (value === null ? undefined : value);

test('it agrees with JSON.parse on any document', () => {
  fc.assert(
    fc.property(document, (json) => {
      const value = JSON.parse(json) as { usage?: unknown; id?: unknown; choices?: unknown; deep?: unknown };
      const { found, whole } = pick(Buffer.from(json));
      const parse = (found: readonly Buffer[] | undefined): unknown => (found ? JSON.parse(found.at(-1)!.toString()) : undefined);
      assert.ok(whole);
      assert.deepEqual(parse(found.usage), present(value.usage));
      assert.deepEqual(parse(found.id), present(value.id));
      const deep = value.deep;
      const isObject = typeof deep === 'object' && deep !== null && !Array.isArray(deep);
      assert.deepEqual(parse(found.deepUsage), isObject ? present((deep as { usage?: unknown }).usage) : undefined);
      const elements = Array.isArray(value.choices) ? value.choices : [];
      const finishes = elements.filter(
        (element) => typeof element === 'object' && element !== null && !Array.isArray(element) && Object.hasOwn(element, 'finish'),
      );
      assert.deepEqual(
        (found.finish ?? []).map((json) => JSON.parse(json.toString()) as unknown),
        finishes.map((element) => (element as { finish: unknown }).finish).filter((finish) => finish !== null),
      );
    }),
  );
});

test('a document that is cut anywhere is not whole, and what was found in it is', () => {
  fc.assert(
    fc.property(document, fc.nat(), (json, at) => {
      const bytes = Buffer.from(json);
      const { found, whole } = pick(bytes.subarray(0, at % bytes.length));
      assert.ok(!whole);
      for (const values of Object.values(found)) for (const value of values) JSON.parse(value.toString());
    }),
  );
});

test('any bytes at all are walked without an exception', () => {
  const noise = fc
    .array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', ' ', '"usage"', 'null', '1', '\u{feff}', '\n'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(noise, (text) => {
      const { found } = pick(Buffer.from(text));
      for (const values of Object.values(found)) for (const value of values) assert.ok(value.length > 0);
    }),
  );
});

test('depth is no danger: a hundred thousand brackets', () => {
  const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"id":1}`;
  assert.equal(textOf(pick(Buffer.from(deep)).found.id), '1');
});
