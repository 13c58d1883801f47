import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiDialect } from './dialect.ts';
import { replyMeter } from './meter.ts';
import { maxWaitingBytes, maxWaitingChunks } from './stream-meter.ts';

const event = (value: object): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
const begin = event({ id: 'c1', model: 'gpt-5', choices: [{ delta: { content: 'a' }, finish_reason: null }] });
const middle = event({ id: 'c1', model: 'gpt-5', choices: [{ delta: { content: 'b' }, finish_reason: null }], usage: null });
const end = [
  event({ id: 'c1', model: 'gpt-5', choices: [{ delta: {}, finish_reason: 'stop' }] }),
  event({ id: 'c1', model: 'gpt-5', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }),
  Buffer.from('data: [DONE]\n\n'),
];

async function factsOf(chunks: readonly Buffer[]) {
  const meter = replyMeter({
    api: 'openai.chat',
    dialect: openaiDialect,
    status: 200,
    contentType: 'text/event-stream',
    contentEncoding: undefined,
  });
  for (const chunk of chunks) meter.write(chunk);
  return { facts: await meter.facts(true), text: meter.text() };
}

test('what a stream tells does not depend on how many of its chunks are looked at together', async () => {
  const around = [1, maxWaitingChunks - 2, maxWaitingChunks - 1, maxWaitingChunks, maxWaitingChunks + 1, 3 * maxWaitingChunks];
  for (const middles of around) {
    const { facts, text } = await factsOf([begin, ...Array.from({ length: middles }, () => middle), ...end]);
    const { model, finishReason, usage, complete } = facts;
    assert.deepEqual({ model, finishReason, complete, buckets: usage?.buckets }, { model: 'gpt-5', finishReason: 'stop', complete: true, buckets: { input: 3, output: 4 } }, `${middles} chunks`); // prettier-ignore
    assert.equal(text, `a${'b'.repeat(middles)}`);
  }
});

test('a chunk of more bytes than wait together is looked at as well', async () => {
  const middles = Buffer.concat(Array.from({ length: Math.ceil(maxWaitingBytes / middle.length) + 1 }, () => middle));
  for (const chunks of [[begin, middles, ...end], [Buffer.concat([begin, middles, ...end])], [begin, Buffer.concat([middles, ...end])]])
    assert.deepEqual((await factsOf(chunks)).facts.usage?.buckets, { input: 3, output: 4 });
});

test('a telling key cut in two by the border of two chunks, or of two looks, is still seen', async () => {
  const whole = Buffer.concat([begin, ...Array.from({ length: maxWaitingChunks - 2 }, () => middle), ...end]);
  const lead = begin.length + (maxWaitingChunks - 2) * middle.length;
  for (let cut = lead; cut < whole.length; cut += 1) {
    const chunks = [begin, ...Array.from({ length: maxWaitingChunks - 2 }, () => middle), whole.subarray(lead, cut), whole.subarray(cut)];
    const { facts } = await factsOf(chunks.filter(({ length }) => length > 0));
    assert.deepEqual([facts.finishReason, facts.usage?.buckets], ['stop', { input: 3, output: 4 }], `cut at ${cut - lead}`);
  }
});
