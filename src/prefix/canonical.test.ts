import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { canonical, plainText } from './canonical.ts';
import { treeOf } from './json-tree.ts';
import { isContextBlock, masked, maxSearchedChars, maxTags, type Slot } from './volatile.ts';

const meaning = (json: string): string => canonical(treeOf(json), {});

test('what means the same has one form', () => {
  for (const [left, right] of [
    ['{"a":1,"b":[true,null]}', '{ "b": [true, null], "a": 1.0 }'],
    ['[1e3]', '[1000]'],
    ['[0.50]', '[0.5]'],
    ['"{\\"x\\": 1, \\"y\\": 2}"', '"{\\"y\\":2,\\"x\\":1}"'],
    ['"weight 1.0"', '"weight 1"'],
    ['"one  \\n\\n\\n\\ntwo\\n"', '"one\\n\\ntwo"'],
    ['"one\\r\\ntwo"', '"one\\ntwo"'],
    ['{"text":"a","cache_control":{"type":"ephemeral"}}', '{"text":"a"}'],
  ] as const)
    assert.equal(meaning(left), meaning(right), `${left} ${right}`);
});

test('what may mean something else has another', () => {
  for (const [left, right] of [
    ['[9007199254740993]', '[9007199254740992]'],
    ['[0.12345678901234567]', '[0.12345678901234568]'],
    ['"python 3.1"', '"python 3.10"'],
    ['"version 1.0.2"', '"version 1.2"'],
    ['"v1.0"', '"v1"'],
    ['"if x:\\n  y"', '"if x:\\ny"'],
    ['"a  b"', '"a b"'],
    ['[1,2]', '[2,1]'],
    ['"1"', '1'],
    ['"{\\"a\\":\\"x  \\"}"', '"{\\"a\\":\\"x\\"}"'],
    ['{"cache_control":{"type":"object"}}', '{}'],
  ] as const)
    assert.notEqual(meaning(left), meaning(right), `${left} ${right}`);
});

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, shuffled(each)]),
  );
};

test('the form is the same for any order of keys, and differs when a value differs', () => {
  const strict = (value: unknown): string => canonical(treeOf(JSON.stringify(value)), { exactText: true });
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      assert.equal(meaning(JSON.stringify(left)), meaning(JSON.stringify(shuffled(left), null, 1)));
      fc.pre(!/"\s*[[{]/.test(JSON.stringify([left, right]))); // JSON in strings is compared as JSON
      const isEqual = isDeepStrictEqual(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right)));
      assert.equal(strict(left) === strict(right), isEqual);
    }),
  );
});

test('a text without what says nothing keeps its words, in order', () => {
  const words = (text: string): readonly string[] =>
    text
      .replace(/(?<![\w.])(\d{1,15})\.0{1,15}(?![\w]|\.\d)/g, '$1')
      .split(/\s+/)
      .filter(Boolean);
  fc.assert(fc.property(fc.string(), (text) => assert.deepEqual(words(plainText(text)), words(text))));
});

const kindsIn = (text: string): readonly string[] => {
  const slots: Slot[] = [];
  masked(text, slots);
  return slots.map(({ kind, value }) => `${kind} ${value}`);
};

test('values that change by themselves are found, in the forms programs write them', () => {
  for (const [text, ...found] of [
    ['Current time: 2026-11-02T09:00:00.969000', 'timestamp 2026-11-02T09:00:00.969000'],
    ['at 2026-11-02 09:00:17Z sharp', 'timestamp 2026-11-02 09:00:17Z'],
    ['Monday, November 02, 2026 at 09:00:00', 'timestamp Monday, November 02, 2026 at 09:00:00'],
    ['Tue, 3 Nov 2026 10:11:12 GMT', 'timestamp Tue, 3 Nov 2026 10:11:12 GMT'],
    ['Today is 2026-11-02.', 'date 2026-11-02'],
    ["Today's date: 02/11/2026", 'date 02/11/2026'],
    ['Today: Nov 3, 2026', 'date Nov 3, 2026'],
    ['now=1793610000123', 'timestamp 1793610000123'],
    ['[request-id: 4fa1d41f-bb01-ea75-1138-a4e47b73ccf8]', 'uuid 4fa1d41f-bb01-ea75-1138-a4e47b73ccf8'],
    ['[session 884148f034ecc23d] Hi', 'session_id 884148f034ecc23d'],
    ['session_id: k9x8-22ab', 'session_id k9x8-22ab'],
    ['<memory items="2">likes tea</memory>', 'context_block <memory items="2">likes tea</memory>'],
    ['<user_context>\na\n</user_context> b', 'context_block <user_context>\na\n</user_context>'],
    ['x\n## Relevant memories\n- tea\n- dogs\n\nRules', 'context_block ## Relevant memories\n- tea\n- dogs'],
    [
      'x-anthropic-billing-header: cc_version=2.1; cch=ab12;\nRules',
      'billing_header x-anthropic-billing-header: cc_version=2.1; cch=ab12;',
    ],
    ['Pay 200 dollars to room 1234 in 2026, version 1.2.3, at most 5 times. Call 911.'],
    ['The function session.close() and the session ends'],
  ] as const)
    assert.deepEqual(kindsIn(text), found, text);
});

test('longer texts than the limit are not searched', () => {
  const value = '2026-11-02';
  assert.equal(kindsIn(`${'x '.repeat((maxSearchedChars - value.length) / 2)}${value}`).length, 1);
  assert.equal(kindsIn(`${'x '.repeat(maxSearchedChars / 2)}${value}`).length, 0);
});

test('texts with more tags of blocks than the limit are not searched', () => {
  assert.equal(kindsIn(`${'<memory>'.repeat(maxTags)} 2026-11-02`).length, 1);
  assert.equal(kindsIn(`${'<memory>'.repeat(maxTags + 1)} 2026-11-02`).length, 0);
});

test('a message says of itself that it was looked up', () => {
  for (const text of [
    'Retrieved context:\nA',
    '<documents>\nA',
    'Context: A',
    '## Relevant memories\nA',
    '[Search results]\nA',
    'Relevant documents:\nA',
  ])
    assert.equal(isContextBlock(text), true, text);
  for (const text of ['Hi there!', 'Please summarise the document below: A', 'My memory is bad'])
    assert.equal(isContextBlock(text), false, text);
});
