import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../core/json.ts';
import { noResult, paired, readConversation, turnsOf, type Message } from './conversation.ts';

const read = (messages: Json, more: object = {}) => readConversation({ messages, ...more }, 7);
const call = (id: string, name = 'find') => ({ id, type: 'function', function: { name, arguments: '{"a":1}' } });

test('a line without an id is named by its number', () => {
  assert.equal(read([{ role: 'user', content: 'hi' }]).id, 'conversation-7');
});

test('texts of a list of parts are joined, media left out', () => {
  const content = [
    { type: 'text', text: 'one' },
    { type: 'image_url', image_url: { url: 'data:' } },
    { type: 'text', text: 'two' },
  ];
  assert.deepEqual(read([{ role: 'user', content }]).messages, [{ role: 'user', content: 'one\ntwo' }]);
});

test('a developer message is a system message, a function’s result a tool’s', () => {
  const messages = [{ role: 'developer', content: 'be brief' }, { role: 'user', content: 'q' }, { role: 'assistant', tool_calls: [call('c1')] }, { role: 'function', tool_call_id: 'c1', content: 'r' }]; // prettier-ignore
  assert.deepEqual(
    read(messages).messages.map(({ role }) => role),
    ['system', 'user', 'assistant', 'tool'],
  );
});

test('hints of a line are kept, others ignored', () => {
  const line = { app: 'a', src: 'feature of the source', model: 'm', api: 'messages', stream: true, reward: 1 };
  const { app, feature, model, api, stream, cache } = read([{ role: 'user', content: 'q' }], line);
  assert.deepEqual([app, feature, model, api, stream, cache], ['a', 'feature of the source', 'm', 'messages', true, undefined]);
});

for (const [what, value, message] of [
  ['no messages', {}, /no list of `messages`/],
  ['an empty list', { messages: [] }, /no list of `messages`/],
  ['no object', 'text', /no list of `messages`/],
  ['an unknown role', { messages: [{ role: 'narrator', content: '' }] }, /role "narrator"/],
] as const) {
  test(`refused: ${what}`, () => assert.throws(() => readConversation(value, 1), { name: 'RangeError', message }));
}

const assistant = (...ids: readonly string[]): Message => ({
  role: 'assistant',
  content: '',
  toolCalls: ids.map((id) => ({ id, name: `tool-${id}`, arguments: '{}' })),
});
const result = (toolCallId: string, content = 'r'): Message => ({ role: 'tool', toolCallId, name: '', content });
const user = (content: string): Message => ({ role: 'user', content });

for (const [what, before, after] of [
  ['results get the names of their tools', [assistant('a'), result('a')], [assistant('a'), { ...result('a'), name: 'tool-a' }]],
  ['a call without a result gets one', [assistant('a'), user('next')], [assistant('a'), { ...result('a', noResult), name: 'tool-a' }, user('next')]],
  ['the last one too', [assistant('a')], [assistant('a'), { ...result('a', noResult), name: 'tool-a' }]],
  ['a result without an id answers the first open call', [assistant('a', 'b'), result('')], [assistant('a', 'b'), { ...result('a'), name: 'tool-a' }, { ...result('b', noResult), name: 'tool-b' }]],
  ['a result that answers nothing is a user’s message', [user('q'), result('x', 'lost')], [user('q'), user('lost')]],
] as const) {
  test(`pairing: ${what}`, () => assert.deepEqual(paired(before), after));
} // prettier-ignore

test('one turn an answer, each with all that was said before', () => {
  const conversation = read([
    { role: 'system', content: 's' },
    { role: 'assistant', content: 'unasked' },
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'first' },
    { role: 'user', content: 'two' },
    { role: 'assistant', content: 'second' },
  ]);
  assert.deepEqual(
    turnsOf(conversation).map(({ prior, reply }) => [prior.length, reply.content]),
    [
      [3, 'first'],
      [5, 'second'],
    ],
  );
});
