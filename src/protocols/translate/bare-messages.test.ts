import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { outline } from '../../core/scan.ts';
import { bareMessages, type BareList } from './bare-messages.ts';
import { plain, readBody } from './held-texts.ts';
import { maxHeld } from './text-spans.ts';

const long = 'x'.repeat(30);

function bareIn(json: string): BareList | undefined {
  const body = Buffer.from(json);
  const { tape, members } = outline(body);
  return bareMessages(body, tape, members.get('messages')!, { minBytes: 20, stampOf: (number) => `#${number}` });
}

const listOf = (...messages: readonly string[]): string => `{"model":"m","messages":[${messages.join(',')}]}`;
const bare = `{"role":"user","content":"${long}"}`;

describe('messages that are a role and a string', () => {
  test('are told by the outline alone; long texts are held, short ones parsed', () => {
    const found = bareIn(listOf(bare, '{"role":"assistant","content":"a \\"b\\""}', bare));
    assert.deepEqual(
      found?.messages.map(({ role, content }) => [role, content]),
      [
        ['user', '#0'],
        ['assistant', 'a "b"'],
        ['user', '#1'],
      ],
    );
    assert.equal(found.spans.length, 2);
  });

  test('may have the white space that JSON is mostly written with', () => {
    assert.equal(bareIn(listOf(`{"role": "user", "content": "${long}"}`, `{ "role": "user", "content": "${long}" }`))?.messages.length, 2);
  });

  const others: readonly (readonly [string, string])[] = [
    ['one more member, however short', listOf(`{"a":1,"role":"user","content":"${long}"}`)],
    ['a member between', listOf(`{"role":"user","a":1,"content":"${long}"}`)],
    ['a member behind', listOf(`{"role":"user","content":"${long}","a":1}`)],
    ['the content first', listOf(`{"content":"${long}","role":"user"}`)],
    ['no content', listOf('{"role":"user"}')],
    ['a key with escapes', listOf(`{"r\\u006fle":"user","content":"${long}"}`)],
    ['content in parts', listOf(`{"role":"user","content":[{"type":"text","text":"${long}"}]}`)],
    ['nothing said', listOf('{"role":"user","content":""}')],
    ['the role of a tool', listOf(`{"role":"tool","content":"${long}"}`)],
    ['what looks like a stamp', listOf('{"role":"user","content":"\\u007f0000"}')],
    ['another list of the prompt beside them', `{"system":[{"type":"text","text":"${long}"}],"messages":[${bare}]}`],
    ['more of them than can be told apart', listOf(...Array.from({ length: maxHeld + 1 }, () => bare))],
  ];
  for (const [name, json] of others) test(`not with ${name}`, () => assert.equal(bareIn(json), undefined));
});

const space = fc.constantFrom('', ' ', '\n', '  ', '\t ');
const message = fc
  .tuple(
    fc.constantFrom('user', 'assistant', 'tool'),
    fc.string(),
    fc.constantFrom('', '"a":1', '"name":"n"'),
    fc.array(space, { minLength: 6 }),
  )
  .map(([role, said, more, [a, b, c, d, e, f]]) => {
    const members = [`${a}"role"${b}:${c}"${role}"`, `${d}"content"${e}:${f}${JSON.stringify(said)}${a}`, ...(more === '' ? [] : [more])];
    return `{${members.join(',')}}`;
  });

test('however messages are written, the body that is read means what the body says', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
      const body = Buffer.from(listOf(...messages));
      const { json, held } = readBody(body, outline(body), { minBytes: 5 });
      const written = Buffer.from(JSON.stringify(json));
      assert.deepEqual(plain(held ? held.into(written) : written).json, plain(body).json);
    }),
    { numRuns: 300 },
  );
});
