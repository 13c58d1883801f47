import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicMessagesReader } from './anthropic-messages-reader.ts';
import { openaiDialect } from './dialect.ts';
import { openaiChatReader } from './openai-chat-reader.ts';
import { readFirst, readLast } from './read-once.ts';

const body = () =>
  Buffer.from('{"id":"a","type":"message","model":"m","usage":{"input_tokens":3,"output_tokens":4},"stop_reason":"end_turn"}');

test('the last reader of one kind is told what the first has read; one of another kind reads again', () => {
  const bytes = body();
  const first = readFirst(bytes, anthropicMessagesReader());
  assert.equal(first.told.usage?.buckets.input, 3);
  assert.equal(readLast(bytes, anthropicMessagesReader()), first);
  assert.equal(readLast(bytes, openaiChatReader(openaiDialect)).told.finishReason, undefined);
});

test('other bytes that are equal are read by themselves', () => {
  const first = readFirst(body(), anthropicMessagesReader());
  const last = readLast(body(), anthropicMessagesReader());
  assert.notEqual(last, first);
  assert.deepEqual(last.told, first.told);
});

test('a reader that is alone of its kind reads each time', () => {
  const bytes = body();
  const reader = (): ReturnType<typeof anthropicMessagesReader> => ({ ...anthropicMessagesReader(), kind: undefined });
  assert.notEqual(readFirst(bytes, reader()), readLast(bytes, reader()));
});
