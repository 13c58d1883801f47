import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, readBody, readReply } from './testing.ts';

const chunk = (text: string, usage: object | undefined, more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }],
  usageMetadata: usage,
  modelVersion: 'gemini-2.5-pro',
  responseId: 'r1',
});
const whole = async (usage: object, more: object = {}) =>
  (await readBody('google.generate_content', chunk('ok', usage, { finishReason: 'STOP', ...more }))).facts;
const last = { promptTokenCount: 800, candidatesTokenCount: 9, thoughtsTokenCount: 120, totalTokenCount: 929 };

test('class 6: thoughts stand beside the candidates', async () => {
  assert.deepEqual((await whole(last)).usage?.buckets, { input: 800, reasoning: 120, output: 9 });
});

test('class 12: cached tokens are subtracted by modality', async () => {
  const detail = (modality: string, tokenCount: number): object => ({ modality, tokenCount });
  const { usage } = await whole({
    promptTokenCount: 1000,
    cachedContentTokenCount: 640,
    candidatesTokenCount: 1320,
    totalTokenCount: 2320,
    promptTokensDetails: [detail('TEXT', 500), detail('AUDIO', 400), detail('DOCUMENT', 100)],
    cacheTokensDetails: [detail('AUDIO', 240), detail('TEXT', 400)],
    candidatesTokensDetails: [detail('IMAGE', 1290), detail('TEXT', 30)],
  });
  assert.deepEqual(usage?.buckets, { cacheReadAudio: 240, cacheRead: 400, inputAudio: 160, input: 200, outputImage: 1290, output: 30 });
  assert.deepEqual(usage.flags, []);
});

test('class 13: search queries are counted, empty ones not; up to 2.5 a prompt counts once', async () => {
  const grounded = { groundingMetadata: { webSearchQueries: ['a', '', 'b'] } };
  assert.equal((await whole(last, grounded)).usage?.buckets.webSearch, 1);
  const { facts } = await readBody('google.generate_content', {
    ...chunk('ok', last, { finishReason: 'STOP', ...grounded }),
    modelVersion: 'gemini-3-pro',
  });
  assert.equal(facts.usage?.buckets.webSearch, 2);
});

test('class 17: the prompt of tools is input beside the prompt', async () => {
  const { usage } = await whole({
    promptTokenCount: 5000,
    cachedContentTokenCount: 4096,
    candidatesTokenCount: 20,
    thoughtsTokenCount: 300,
    toolUsePromptTokenCount: 1800,
    totalTokenCount: 7120,
  });
  assert.deepEqual(usage?.buckets, { cacheRead: 4096, input: 2704, reasoning: 300, output: 20 });
  assert.deepEqual(usage.flags, []);
});

test('class 18: usage is cumulative, the last one counts', async () => {
  const first = { promptTokenCount: 800, totalTokenCount: 920, thoughtsTokenCount: 120 };
  const { facts, text } = await readReply('google.generate_content', [
    events(chunk('The ', first), chunk('end', last, { finishReason: 'STOP' })),
  ]);
  assert.deepEqual(facts.usage?.buckets, { input: 800, reasoning: 120, output: 9 });
  assert.equal(facts.usage.raw, JSON.stringify(last));
  assert.deepEqual(
    [facts.complete, facts.model, facts.responseId, facts.finishReason, text],
    [true, 'gemini-2.5-pro', 'r1', 'stop', 'The end'],
  );
});

test('class 18: the same as one JSON list, which a stream without alt=sse is', async () => {
  const list = JSON.stringify([chunk('Th{e "', undefined), chunk('end', last, { finishReason: 'STOP' })], undefined, 2);
  for (const chunks of [[list], list.split('')]) {
    const { facts, text } = await readReply('google.generate_content', chunks, { contentType: 'application/json; charset=UTF-8' });
    assert.deepEqual([facts.usage?.buckets.output, facts.complete, text], [9, true, 'Th{e "end']);
  }
});

test('class 20: a count that is left out is what remains of the total, or unknown without a total', async () => {
  assert.deepEqual((await whole({ promptTokenCount: 5, thoughtsTokenCount: 7, totalTokenCount: 12 })).usage?.buckets, {
    input: 5,
    reasoning: 7,
    output: 0,
  });
  const { usage } = await whole({ promptTokenCount: 5 });
  assert.deepEqual([usage?.buckets.output, usage?.source, usage?.flags], [null, 'partial', ['output_estimated']]);
});

test('class 5: a stream broken off has what had been counted, as a lower bound', async () => {
  const running = { promptTokenCount: 800, candidatesTokenCount: 4, totalTokenCount: 804 };
  const cut = async (usage: object) => (await readReply('google.generate_content', [events(chunk('The ', usage))], { ended: false })).facts;
  const facts = await cut(running);
  assert.deepEqual(
    [facts.usage?.buckets, facts.usage?.source, facts.usage?.flags],
    [{ input: 800, output: 4 }, 'partial', ['lower_bound']],
  );
  assert.equal(facts.complete, false);
  assert.deepEqual((await cut({ promptTokenCount: 800, totalTokenCount: 800 })).usage?.buckets, { input: 800, output: null });
});

test('class 18: the last count is read, whatever comes behind it', async () => {
  const counted = (candidatesTokenCount: number): object => ({
    promptTokenCount: 8,
    candidatesTokenCount,
    totalTokenCount: 8 + candidatesTokenCount,
  });
  const running = [1, 2, 3].map((tokens) => chunk('more', counted(tokens)));
  const behind: readonly (readonly object[])[] = [
    [],
    [chunk('no usage', undefined)],
    [chunk('end', undefined, { finishReason: 'STOP' })],
    [{ error: { code: 503, message: 'gone' } }],
  ];
  for (const more of behind) {
    const { facts } = await readReply('google.generate_content', [events(...running, ...more)], { ended: false });
    assert.deepEqual(facts.usage?.buckets, { input: 8, output: 3 }, JSON.stringify(more));
    assert.equal(facts.error, 'error' in (more[0] ?? {}) ? 'gone' : undefined);
  }
});

test('class 25: the traffic type is the served tier', async () => {
  assert.deepEqual((await whole({ ...last, trafficType: 'ON_DEMAND_FLEX' })).served, { serviceTier: 'ON_DEMAND_FLEX' });
});

test('class 15: embeddings are complete with or without counts', async () => {
  const { facts } = await readBody('google.embed_content', { embedding: { values: [0.1] }, usageMetadata: { promptTokenCount: 7 } });
  assert.deepEqual([facts.usage?.buckets, facts.usage?.source], [{ input: 7, output: 0 }, 'provider']);
  const silent = await readBody('google.batch_embed_contents', { embeddings: [{ values: [0.1] }] });
  assert.deepEqual([silent.facts.usage, silent.facts.complete], [undefined, true]);
});

test('finish reasons: a function call says STOP too, a blocked prompt has no candidate', async () => {
  const call = await readBody('google.generate_content', {
    candidates: [{ content: { parts: [{ functionCall: { name: 'f', args: {} } }] }, finishReason: 'STOP' }],
  });
  const blocked = await readBody('google.generate_content', {
    promptFeedback: { blockReason: 'SAFETY' },
    usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
  });
  const reasons = [
    call.facts.finishReason,
    blocked.facts.finishReason,
    (await whole(last, { finishReason: 'MAX_TOKENS' })).finishReason,
    (await whole(last, { finishReason: 'OTHER' })).finishReason,
  ];
  assert.deepEqual(reasons, ['tool_calls', 'content_filter', 'length', 'other']);
  assert.deepEqual(blocked.facts.usage?.buckets, { input: 3, output: 0 });
});

test('an error is told, as an object or in a list', async () => {
  const error = { error: { code: 400, message: 'API key not valid', status: 'INVALID_ARGUMENT' } };
  for (const body of [error, [error]]) {
    const { facts } = await readBody('google.generate_content', body, { status: 400 });
    assert.deepEqual([facts.error, facts.usage], ['API key not valid', undefined]);
  }
});

test('countTokens uses nothing', async () => {
  const { facts } = await readBody('google.count_tokens', { totalTokens: 31 });
  assert.deepEqual([facts.usage?.buckets, facts.complete], [{ input: 0, output: 0 }, true]);
});
