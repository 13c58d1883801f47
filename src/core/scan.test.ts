import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Mark, maxDepth, outline } from './scan.ts';

const text = (json: string) => Buffer.from(json);
const spans = (json: string, kind: number): string[] => {
  const { tape } = outline(text(json));
  const found: string[] = [];
  for (let at = 0; at < tape.length; at += 3) if (tape[at] === kind) found.push(text(json).toString('utf8', tape[at + 1], tape[at + 2]));
  return found;
};

const spaced = (value: unknown): string => JSON.stringify(value, null, 2);

test('finds the members that JSON.parse finds, at their bytes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true }), fc.boolean(), (value, pretty) => {
      const json = Buffer.from(pretty ? spaced(value) : JSON.stringify(value));
      const parsed = JSON.parse(json.toString()) as Record<string, unknown>;
      const found = [...outline(json).members].map(([key, { from, to }]) => [key, JSON.parse(json.toString('utf8', from, to))]);
      assert.deepEqual(
        found,
        Object.keys(parsed)
          .map((key) => [key, parsed[key]])
          .toSorted((a, b) => found.findIndex(([k]) => k === a[0]) - found.findIndex(([k]) => k === b[0])),
      );
    }),
  );
});

test('strings of any length with escapes and quotes are skipped whole', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('\\', '"', 'a', 'é', '\n', '{', '}', 'x'.repeat(40)), { maxLength: 60 }), (pieces) => {
      const value = { a: pieces.join(''), b: { c: [pieces.join('')] }, z: 1 };
      assert.deepEqual([...outline(text(JSON.stringify(value))).members.keys()], ['a', 'b', 'z']);
    }),
  );
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', '', /malformed JSON at byte 0/],
  ['a list', '[]', /malformed JSON at byte 0/],
  ['no closing brace', '{"a":1', /malformed JSON at byte 6/],
  ['a string without an end', '{"a":"b}', /malformed/],
  ['a key without a value', '{"a":}', /malformed JSON at byte 5/],
  ['a comma too many', '{"a":1,}', /malformed JSON at byte 7/],
  ['bytes after the object', '{"a":1}{"a":2}', /bytes after the JSON object/],
  ['a key that stands twice', '{"model":"a","model":"b"}', /key "model" stands twice/],
  ['a key that stands twice in disguise', '{"model":"a","mod\\u0065l":"b"}', /key "model" stands twice/],
  ['a byte order mark', '\uFEFF{"a":1}', /malformed JSON at byte 0/],
  ['nesting beyond the limit', `{"a":${'['.repeat(maxDepth + 1)}${']'.repeat(maxDepth + 1)}}`, /nested deeper/],
];
for (const [what, json, message] of refused) test(`refuses ${what}`, () => assert.throws(() => outline(text(json)), message));

test('accepts nesting up to the limit', () => {
  assert.equal(outline(text(`{"a":${'['.repeat(maxDepth)}${']'.repeat(maxDepth)}}`)).members.size, 1);
});

test('outlines messages, their roles, and the blocks of their contents', () => {
  const json = spaced({
    messages: [
      { role: 'system', content: 'S', name: 'n' },
      {
        content: [
          { type: 'text', text: 'T' },
          { source: { type: 'base64' }, type: 'image' },
        ],
        role: 'user',
      },
    ],
    tools: [{ role: 'not a message' }],
  });
  assert.deepEqual(spans(json, Mark.Role), ['"system"', '"user"']);
  assert.deepEqual(spans(json, Mark.BlockType), ['"text"', '"image"']);
  assert.deepEqual(
    spans(json, Mark.Item).map((item) => (JSON.parse(item) as { role: string }).role),
    ['system', 'user'],
  );
  assert.deepEqual(
    spans(json, Mark.Block).map((block) => (JSON.parse(block) as { type: string }).type),
    ['text', 'image'],
  );
  assert.deepEqual(spans(json, Mark.Content).length, 2);
});

test('outlines the Responses input and the Google contents', () => {
  assert.deepEqual(spans('{"input":[{"type":"function_call_output","output":"x"},"plain"]}', Mark.Type), ['"function_call_output"']);
  assert.deepEqual(spans('{"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]}]}', Mark.Block), [
    '{"text":"a"}',
    '{"text":"b"}',
  ]);
});
