import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { looksLikeJson, maxNesting, rewriteJson } from './json-text.ts';
import { isOpaque, minOpaqueLength } from './opaque.ts';

const upper = (json: string): string => rewriteJson(json, { rewrite: (text) => (text === 'x1' ? 'X1' : undefined) });

suite('texts of a JSON document', () => {
  const cases: readonly (readonly [what: string, json: string, changed: string])[] = [
    ['values', '{"a": "x1" ,"b":["x1", "y"]}', '{"a": "X1" ,"b":["X1", "y"]}'],
    ['keys', '{"x1":1}', '{"X1":1}'],
    ['escaped ones', String.raw`{"a":"x\u0031","b":"\u00e9\n"}`, String.raw`{"a":"X1","b":"\u00e9\n"}`],
    ['JSON in strings', String.raw`{"a":"{\"b\": \"x1\", \"c\":[1]}"}`, String.raw`{"a":"{\"b\": \"X1\", \"c\":[1]}"}`],
    ['a string that only looks like JSON', String.raw`{"a":"{\"b\": x1}"}`, String.raw`{"a":"{\"b\": x1}"}`],
    ['a bare text', '"x1"', '"X1"'],
  ];
  for (const [what, json, changed] of cases) test(`${what} are seen, all other characters kept`, () => assert.equal(upper(json), changed));

  test('numbers of many digits are texts, and become strings when they change', () => {
    const rewrite = (text: string): string => `<${text}>`;
    assert.equal(rewriteJson('[1234567, 123456, 1.2345678, true]', { rewrite }), '["<1234567>", 123456, 1.2345678, true]');
  });

  test('each text has its field, its path and its depth', () => {
    const places: string[] = [];
    rewriteJson('{"a":["u",{"b":"v"}],"c":"[\\"w\\"]"}', {
      rewrite: (text, { field, path, nesting }) => void places.push(`${text} ${field} ${path.join('/')} ${nesting}`),
    });
    assert.deepEqual(places, ['u a a/0 0', 'v b a/1/b 0', 'w undefined 0 1']);
  });

  test(`JSON in JSON is read ${maxNesting} deep; beyond it is text`, () => {
    const nested = (depth: number): string => (depth === 0 ? '["x1"]' : JSON.stringify([nested(depth - 1)]));
    assert.ok(upper(nested(maxNesting)).includes('X1'));
    assert.equal(upper(nested(maxNesting + 1)), nested(maxNesting + 1));
  });

  test('what is no JSON is an error that does not quote it', () => {
    for (const broken of ['{"a":"secret-1"', '{"a" "secret-1"}', '["secret-1" 1]', '"secret-1', '', '{"a":}', '1 2'])
      assert.throws(
        () => upper(broken),
        (error: Error) => error instanceof SyntaxError && !error.message.includes('secret'),
        broken,
      );
  });

  test('any document stays what it is when nothing changes, and means the same when all of it is written again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const json = JSON.stringify(value, undefined, indent);
        assert.equal(rewriteJson(json, { rewrite: () => undefined }), json);
        const marked = rewriteJson(json, { rewrite: (text) => `${text}\u0001"` });
        assert.doesNotThrow(() => JSON.parse(marked));
      }),
    );
  });
});

test('only what begins and ends like a filled object or list looks like JSON', () => {
  const looks = ['{"a":1}', ' [ "a" ]', '[[1]]', '[{"a":1}]\n'];
  const looksNot = ['{}', '[]', '{a}', '[link](url)', '{"a":1} and more', 'text'];
  assert.deepEqual([looks.every(looksLikeJson), looksNot.some(looksLikeJson)], [true, false]);
});

test('encoded bytes are passed over only where an API has them, and from a length on', () => {
  const bytes = (length: number): string => 'A'.repeat(length);
  assert.ok(isOpaque(bytes(minOpaqueLength), { field: 'data' }));
  assert.ok(isOpaque(`data:image/png;base64,${bytes(minOpaqueLength)}==`, { field: 'url' }));
  assert.ok(!isOpaque(bytes(minOpaqueLength - 1), { field: 'data' }));
  assert.ok(!isOpaque(bytes(minOpaqueLength), { field: 'content' }));
  assert.ok(!isOpaque(`${bytes(minOpaqueLength)} a@b.org`, { field: 'data' }));
});
