import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicMessagesReader } from './anthropic-messages-reader.ts';
import { openaiDialect } from './dialect.ts';
import { openaiChatReader } from './openai-chat-reader.ts';
import { readOnce } from './read-once.ts';

const body = () =>
  Buffer.from('{"id":"a","type":"message","model":"m","usage":{"input_tokens":3,"output_tokens":4},"stop_reason":"end_turn"}');

test('the same bytes are read once by readers of one kind, and again by those of another', () => {
  const bytes = body();
  const first = readOnce(bytes, anthropicMessagesReader());
  assert.equal(readOnce(bytes, anthropicMessagesReader()), first);
  assert.equal(first.told.usage?.buckets.input, 3);
  assert.equal(readOnce(bytes, openaiChatReader(openaiDialect)).told.finishReason, undefined);
});

test('other bytes that are equal are read by themselves', () => {
  const [one, other] = [readOnce(body(), anthropicMessagesReader()), readOnce(body(), anthropicMessagesReader())];
  assert.notEqual(one, other);
  assert.deepEqual(one, other);
});

test('a reader that is alone of its kind reads each time', () => {
  const bytes = body();
  const reader = (): ReturnType<typeof anthropicMessagesReader> => ({ ...anthropicMessagesReader(), kind: undefined });
  assert.notEqual(readOnce(bytes, reader()), readOnce(bytes, reader()));
});
