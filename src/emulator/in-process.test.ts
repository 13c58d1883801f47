import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../core/json.ts';
import { createVendors, type InProcessCall, type RecordedReply } from './in-process.ts';
import { testRates, withEmulator } from './testing.ts';

const long = Array.from({ length: 1500 }, (_, index) => `word${index}`).join(' ');
const body: JsonObject = {
  model: 'claude-sonnet-5',
  max_tokens: 1000,
  system: [{ type: 'text', text: long, cache_control: { type: 'ephemeral' } }],
  messages: [{ role: 'user', content: 'go on' }],
};
const reply: RecordedReply = { content: 'It is done.', tools: [] };
const asked = (changes: Partial<InProcessCall> = {}): InProcessCall => ({
  api: 'anthropic.messages',
  family: 'anthropic',
  model: 'claude-sonnet-5',
  body,
  stream: false,
  credential: 'key',
  reply,
  ...changes,
});

const vendors = (now: () => number = () => 0) => createVendors({ now, rates: () => testRates });
const usageOf = (text: string): JsonObject => (JSON.parse(text) as { readonly usage: JsonObject }).usage;

test('the same calls make the same bill as over a connection', () =>
  withEmulator({}, async ({ emulator, post }) => {
    const inProcess = vendors();
    for (let index = 0; index < 3; index++) {
      const header = Buffer.from(JSON.stringify({ content: 'It is done.' })).toString('base64');
      const response = await post('/v1/messages', body, { 'x-emulator-reply': header, 'x-api-key': 'key' });
      const there = (await response.json()) as { readonly usage: JsonObject; readonly content: unknown };
      const here = inProcess.answer(asked());
      assert.equal(here.status, 200);
      assert.deepEqual([usageOf(here.body), (JSON.parse(here.body) as typeof there).content], [there.usage, there.content]);
    }
    assert.deepEqual(inProcess.bill().totals, emulator.bill().totals);
  }));

test('caches go by the given clock', () => {
  let now = 0;
  const inProcess = vendors(() => now);
  const readAt = (minutes: number): unknown => {
    now = minutes * 60_000;
    return usageOf(inProcess.answer(asked()).body)['cache_read_input_tokens'];
  };
  assert.equal(readAt(0), 0);
  assert.ok(Number(readAt(4)) > 1000);
  assert.equal(readAt(20), 0, 'it is gone after five minutes');
});

for (const [what, counts, maxTokens, expected] of [
  ['recorded counts go before what the text comes to', { outputTokens: 700, reasoningTokens: 200 }, 1000, [900, 'end_turn']],
  ['at the limit nothing is cut', { outputTokens: 700, reasoningTokens: 200 }, 900, [900, 'end_turn']],
  ['beyond the limit the answer is cut', { outputTokens: 700, reasoningTokens: 200 }, 899, [899, 'max_tokens']],
  ['so is the reasoning', { outputTokens: 700, reasoningTokens: 200 }, 150, [150, 'max_tokens']],
  ['without counts the text is counted', {}, 1000, [4, 'end_turn']],
] as const)
  test(what, () => {
    const inProcess = vendors();
    const answer = inProcess.answer(asked({ body: { ...body, max_tokens: maxTokens }, reply: { ...reply, ...counts } }));
    const { usage, stop_reason: finish } = JSON.parse(answer.body) as { readonly usage: JsonObject; readonly stop_reason: string };
    assert.deepEqual([usage['output_tokens'], finish], expected);
    const { output = 0, reasoning = 0 } = inProcess.bill().totals.buckets;
    assert.equal(output + reasoning, expected[0], 'the bill says the same');
  });

test('a stream is told as events', () => {
  const { contentType, body: events } = vendors().answer(asked({ stream: true, reply: { ...reply, outputTokens: 55 } }));
  assert.match(contentType, /^text\/event-stream/);
  assert.match(events, /^event: message_start[\s\S]*"output_tokens":55[\s\S]*message_stop/);
});

test('what the vendor would refuse is refused in its words, and costs nothing', () => {
  const inProcess = vendors();
  const { status, body: text } = inProcess.answer(asked({ body: { model: 'claude-sonnet-5', max_tokens: 5, messages: [] } }));
  assert.deepEqual([status, (JSON.parse(text) as { type: string }).type], [400, 'error']);
  assert.equal(inProcess.bill().totals.calls, 0);
});
