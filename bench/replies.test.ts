import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiDialect } from '../src/protocols/dialect.ts';
import { replyMeter } from '../src/protocols/meter.ts';
import {
  chatStream,
  googleStream,
  messagesStream,
  responsesStream,
  wholeChatReply,
  wholeGoogleReply,
  wholeMessagesReply,
  wholeResponsesReply,
} from './replies.ts';

const samples = {
  whole: wholeChatReply(),
  chat: chatStream(100),
  'whole message': wholeMessagesReply(),
  messages: messagesStream(100),
  'whole response': wholeResponsesReply(),
  responses: responsesStream(100),
  'whole google': wholeGoogleReply(),
  google: googleStream(100),
};

for (const [name, reply] of Object.entries(samples)) {
  test(`the sample "${name}" is a reply whose usage the meter reads`, async () => {
    const { api, contentType, chunks } = reply;
    const meter = replyMeter({ api, dialect: openaiDialect, status: 200, contentType, contentEncoding: undefined });
    for (const chunk of chunks) meter.write(chunk);
    const { complete, usage } = await meter.facts(true);
    assert.equal(complete, true);
    assert.deepEqual([usage?.buckets.output, usage?.buckets.cacheRead], [230, 1024]);
  });
}

test('a sample stream has a chunk per event, a whole reply one of about 1.6 KB', () => {
  assert.equal(chatStream(100).chunks.length, 104);
  const { chunks } = wholeChatReply();
  assert.equal(chunks.length, 1);
  assert.ok(Math.abs(chunks[0]!.length - 1600) < 200);
});
