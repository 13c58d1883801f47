import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outline } from '../../core/scan.ts';
import { readBody } from './held-texts.ts';
import { KnownLists, maxKnownBytes, maxKnownListBytes, minKnownBytes } from './known-lists.ts';
import { translatorOf } from './translators.ts';

const listOf = (bytes: number, sign = 'x'): Buffer => Buffer.from(JSON.stringify([sign.repeat(bytes - 4)]));
const tool = (name: string, more: object = {}) => ({
  type: 'function',
  function: { name, description: 'd'.repeat(minKnownBytes), parameters: { type: 'object' } },
  ...more,
});
const bodyOf = (tools: unknown, before = false): Buffer => {
  const messages = [{ role: 'user', content: 'Hello' }];
  return Buffer.from(JSON.stringify(before ? { tools, model: 'm', messages } : { model: 'm', messages, tools }));
};

describe('lists that come again', () => {
  test('are parsed once', () => {
    const known = new KnownLists();
    assert.equal(known.of(listOf(minKnownBytes)), known.of(listOf(minKnownBytes)));
    assert.notEqual(known.of(listOf(minKnownBytes)), known.of(listOf(minKnownBytes, 'y')));
  });

  test('are known from the least length to the greatest', () => {
    const known = new KnownLists();
    for (const bytes of [minKnownBytes, maxKnownListBytes]) assert.equal(known.of(listOf(bytes))?.length, 1);
    for (const bytes of [minKnownBytes - 1, maxKnownListBytes + 1]) assert.equal(known.of(listOf(bytes)), undefined);
    assert.equal(known.of(Buffer.from(`{"a":"${'x'.repeat(minKnownBytes)}"}`)), undefined);
  });

  test('are forgotten, the first first, when they are too many', () => {
    const known = new KnownLists();
    const first = known.of(listOf(maxKnownListBytes, 'a'));
    const many = maxKnownBytes / maxKnownListBytes;
    for (let at = 1; at < many; at += 1) known.of(listOf(maxKnownListBytes, String.fromCharCode(0x61 + at)));
    assert.equal(known.size, many);
    assert.equal(known.of(listOf(maxKnownListBytes, 'a')), first);
    known.of(listOf(minKnownBytes));
    assert.equal(known.size, many);
    assert.notEqual(known.of(listOf(maxKnownListBytes, 'a')), first);
  });
});

describe('a body with tools', () => {
  const decode = (body: Buffer, known?: KnownLists) =>
    translatorOf('openai.chat')!.decodeCall(readBody(body, outline(body), { known }).json, {
      model: 'm',
      stream: false,
      headers: [],
    });

  for (const before of [false, true])
    test(`means the same each time, with tools ${before ? 'before' : 'behind'} the messages, and what was not read is told each time`, () => {
      const known = new KnownLists();
      const long = 'long '.repeat(200);
      const body = Buffer.from(
        bodyOf([tool('a', { extra: 1 }), tool('b')], before)
          .toString()
          .replace('Hello', long),
      );
      const fresh = decode(body);
      assert.deepEqual(fresh.unread, ['tools[].extra']);
      const [once, twice] = [decode(body, known), decode(body, known)];
      assert.deepEqual({ ...once, call: { ...once.call, messages: [] } }, { ...fresh, call: { ...fresh.call, messages: [] } });
      assert.deepEqual(twice, once);
      assert.equal(twice.call.tools[0], once.call.tools[0], 'they are the same objects');
    });

  test('that could be taken for a held text is parsed as a whole', () => {
    const known = new KnownLists();
    const body = Buffer.from(
      bodyOf([tool('a')])
        .toString()
        .replace('dd', '\\u007f0000\\u007f'),
    );
    assert.equal(readBody(body, outline(body), { known }).held, undefined);
    assert.equal(known.size, 0);
  });
});
