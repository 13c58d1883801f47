import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOf } from '../stages/loop/testing.ts';
import { bytesOf, createTailReader, maxItemBytes, tailExtents } from './tail-reader.ts';

const message = (role: string, content: string) => ({ role, content });
const talk = (count: number, more: object = {}) =>
  callOf('openai.chat', { messages: Array.from({ length: count }, (_, at) => message(at % 2 === 0 ? 'user' : 'assistant', `m${at}`)), ...more }); // prettier-ignore
const reader = (maxItems = 10, maxRememberedBytes = 1e6) => createTailReader({ maxItems, maxRememberedBytes });

test('the last items, newest first', () => {
  const call = talk(5);
  const [from, to, , , , , ...more] = tailExtents(call, 3);
  assert.deepEqual(JSON.parse(call.body.whole.toString('utf8', from, to)), message('user', 'm4'));
  assert.equal(more.length, 0);
  assert.equal(tailExtents(call, 100).length, 2 * 5);
});

test('other lists of the body are no part of it', () => {
  const system = [{ type: 'text', text: 'be brief' }];
  const [before, after] = [
    { system, messages: [message('user', 'q')] },
    { messages: [message('user', 'q')], system },
  ];
  for (const body of [before, after]) assert.equal(tailExtents(callOf('anthropic.messages', body), 9).length, 2);
});

test('an API without conversations, and a body without one, have no tail', () => {
  assert.deepEqual(tailExtents(callOf('openai.embeddings', { input: ['a', 'b'] }), 3), []);
  assert.deepEqual(tailExtents(callOf('openai.responses', { input: 'text' }), 3), []);
});

test('at most so many items are read, oldest first', () => {
  const kinds = (maxItems: number) => reader(maxItems).read(talk(5)).map(({ kind }) => kind); // prettier-ignore
  assert.deepEqual(kinds(5), ['heard', 'said', 'heard', 'said', 'heard']);
  assert.deepEqual(kinds(2), ['said', 'heard']);
});

test('what was read is remembered: only the new items are parsed', (t) => {
  const tail = reader();
  const first = tail.read(talk(5));
  const parse = t.mock.method(JSON, 'parse');
  const second = tail.read(talk(6));
  assert.equal(parse.mock.callCount(), 1);
  assert.deepEqual(second.slice(0, 5), first);
  assert.equal(second[0], first[0]);
});

test('the memory holds so many bytes and no more: the oldest items go', (t) => {
  const needed = reader()
    .read(talk(5))
    .reduce((sum, print) => sum + bytesOf([print]), 0);
  const [enough, less] = [reader(10, needed), reader(10, needed - 1)];
  for (const tail of [enough, less]) tail.read(talk(5));
  const parse = t.mock.method(JSON, 'parse');
  enough.read(talk(5));
  assert.equal(parse.mock.callCount(), 0);
  less.read(talk(5));
  assert.ok(parse.mock.callCount() > 0);
});

test('the same item elsewhere, and another of the same length, are read for themselves', () => {
  const tail = reader();
  const textOf = (content: string) => tail.read(callOf('openai.chat', { messages: [message('user', content)] }))[0]?.digest;
  const long = (middle: string): string => `${'x'.repeat(5)}${middle}${'y'.repeat(5)}`;
  assert.notEqual(textOf(long('1')), textOf(long('2')));
});

test('an item that is too large counts as a result of its own bytes; one at the limit is read', () => {
  const sized = (bytes: number, letter: string) => letter.repeat(bytes - JSON.stringify(message('user', '')).length);
  const kindAt = (bytes: number) => reader().read(callOf('openai.chat', { messages: [message('user', sized(bytes, 'x'))] }))[0]?.kind;
  assert.deepEqual([kindAt(maxItemBytes), kindAt(maxItemBytes + 1)], ['heard', 'result']);
});

test('an item that is no JSON is left out', () => {
  const call = callOf('openai.chat', { messages: [message('user', 'q')] });
  call.body.whole.write('!', call.body.whole.indexOf('"content"') + 10);
  assert.deepEqual(reader().read(call), []);
});
