import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiDialect } from './dialect.ts';
import { events, namedEvents, readBody, readReply } from './testing.ts';

const chunk = (delta: unknown, more: object = {}, finish: string | null = null): object => ({
  id: 'c1',
  model: 'gpt-5-2025-08-07',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
const usageChunk = (usage: unknown): object => ({ id: 'c1', model: 'gpt-5-2025-08-07', choices: [], usage });
const chatUsage = { prompt_tokens: 2006, completion_tokens: 300, total_tokens: 2306 };

const chatBody = (usage: unknown): object => ({
  id: 'c1',
  model: 'm',
  choices: [{ index: 0, message: { content: 'ok' }, finish_reason: 'stop' }],
  usage,
});
const bucketsOf = async (usage: unknown, dialect = openaiDialect) =>
  (await readBody('openai.chat', chatBody(usage), { dialect })).facts.usage;

test('class 1: cached tokens are taken out of the prompt, under every name they go by', async () => {
  const spellings: readonly object[] = [
    { prompt_tokens_details: { cached_tokens: 1920 } },
    { prompt_token_details: { cached_tokens: 1920 } },
    { num_cached_tokens: 1920 },
    { cached_tokens: 1920 },
    { prompt_cache_hit_tokens: 1920, prompt_cache_miss_tokens: 86 },
    { cache_read_input_tokens: 1920 },
  ];
  for (const spelling of spellings)
    assert.deepEqual((await bucketsOf({ ...chatUsage, ...spelling }))?.buckets, { cacheRead: 1920, input: 86, output: 300 });
});

test('misses beside a prompt are not read: what is wrong with them says nothing', async () => {
  assert.deepEqual((await bucketsOf({ ...chatUsage, prompt_cache_miss_tokens: -1 }))?.flags, []);
});

test('class 1: a provider that counts the cache beside the prompt gets nothing subtracted', async () => {
  const usage = await bucketsOf({ ...chatUsage, prompt_tokens_details: { cached_tokens: 1920 } }, { ...openaiDialect, cache: 'exclusive' });
  assert.deepEqual(usage?.buckets, { cacheRead: 1920, input: 2006, output: 300 });
  assert.deepEqual(usage.flags, []);
});

test('class 2: the last usage wins, and reading goes on after the finish reason', async () => {
  const running = (output: number): object =>
    chunk({ content: 'x' }, { usage: { prompt_tokens: 10, completion_tokens: output, total_tokens: 10 + output } });
  const last = { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13, prompt_tokens_details: { cached_tokens: 4 } };
  const { facts } = await readReply('openai.chat', [events(running(1), running(2), chunk({}, {}, 'stop'), usageChunk(last), '[DONE]')]);
  assert.deepEqual(facts.usage?.buckets, { cacheRead: 4, input: 6, output: 3 });
  assert.equal(facts.complete, true);
});

test('class 2: a poorer usage with the same totals does not erase the details of a richer one', async () => {
  const rich = { ...chatUsage, prompt_tokens_details: { cached_tokens: 1920 } };
  const { facts } = await readReply('openai.chat', [events(chunk({}, { usage: rich }, 'stop'), usageChunk(chatUsage), '[DONE]')]);
  assert.equal(facts.usage?.buckets.cacheRead, 1920);
  const grown = await readReply('openai.chat', [
    events(chunk({}, { usage: rich }), usageChunk({ ...chatUsage, completion_tokens: 301, total_tokens: 2307 }), '[DONE]'),
  ]);
  assert.deepEqual(grown.facts.usage?.buckets, { input: 2006, output: 301 });
});

test('class 5: a stream broken off without usage tells none, and gives its text for the estimate', async () => {
  const { facts, text } = await readReply('openai.chat', [events(chunk({ content: 'Sunny ' }), chunk({ content: 'with' }))], {
    ended: false,
  });
  assert.equal(facts.usage, undefined);
  assert.equal(facts.complete, false);
  assert.equal(text, 'Sunny with');
});

test('class 5: running usage of a stream broken off is a lower bound', async () => {
  const running = chunk({ content: 'x' }, { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
  const { facts } = await readReply('openai.chat', [events(running)], { ended: false });
  assert.equal(facts.usage?.source, 'partial');
  assert.deepEqual(facts.usage.flags, ['lower_bound']);
  assert.deepEqual(facts.usage.buckets, { input: 10, output: 5 });
});

test('class 6: reasoning is inside the completion at OpenAI', async () => {
  const usage = await bucketsOf({ ...chatUsage, completion_tokens_details: { reasoning_tokens: 256 } });
  assert.deepEqual(usage?.buckets, { input: 2006, reasoning: 256, output: 44 });
});

test('class 6, 22: reasoning beside the completion is added, also when only the total shows it', async () => {
  const dialect = { ...openaiDialect, reasoning: 'outside' } as const;
  const told = await bucketsOf(
    { prompt_tokens: 1000, completion_tokens: 150, total_tokens: 1430, completion_tokens_details: { reasoning_tokens: 280 } },
    dialect,
  );
  assert.deepEqual([told?.buckets, told?.flags], [{ input: 1000, reasoning: 280, output: 150 }, []]);
  const unsaid = await bucketsOf({ prompt_tokens: 1000, completion_tokens: 150, total_tokens: 1430 }, dialect);
  assert.deepEqual([unsaid?.buckets, unsaid?.flags], [{ input: 1000, reasoning: 280, output: 150 }, ['reasoning_from_total']]);
});

test('class 8: usage is found on chunks with choices and under x_groq', async () => {
  const places = [
    chunk({}, { usage: chatUsage }, 'stop'),
    chunk({}, { x_groq: { id: 'r', usage: chatUsage } }, 'stop'),
    usageChunk(chatUsage),
  ];
  for (const place of places) {
    const { facts } = await readReply('openai.chat', [events(chunk({ content: 'a' }), place, '[DONE]')]);
    assert.deepEqual(facts.usage?.buckets, { input: 2006, output: 300 });
    assert.equal(facts.usage.source, 'provider');
  }
});

test('class 11: cache writes are a slice of the prompt, by lifetime where it is told', async () => {
  const details = { cached_tokens: 8000, cache_write_tokens: 4000 };
  const usage = { prompt_tokens: 12050, completion_tokens: 10, total_tokens: 12060, prompt_tokens_details: details };
  assert.deepEqual((await bucketsOf(usage))?.buckets, { cacheWrite: 4000, cacheRead: 8000, input: 50, output: 10 });
  const split = { ...details, cache_write_tokens_details: { ttl_30m_tokens: 3000, ttl_12h_tokens: 500 } };
  const buckets = (await bucketsOf({ ...usage, prompt_tokens_details: split }))?.buckets;
  assert.deepEqual(buckets, { cacheWrite30m: 3000, cacheWrite12h: 500, cacheWrite: 500, cacheRead: 8000, input: 50, output: 10 });
});

test('class 12: cached audio leaves the audio, not the text; predictions are not added again', async () => {
  const usage = await bucketsOf({
    prompt_tokens: 1000,
    completion_tokens: 220,
    total_tokens: 1220,
    prompt_tokens_details: {
      cached_tokens: 640,
      cached_tokens_details: { audio_tokens: 240, text_tokens: 400 },
      audio_tokens: 400,
      text_tokens: 600,
    },
    completion_tokens_details: { audio_tokens: 100, text_tokens: 120, accepted_prediction_tokens: 30, rejected_prediction_tokens: 50 },
  });
  assert.deepEqual(usage?.buckets, { cacheReadAudio: 240, cacheRead: 400, inputAudio: 160, input: 200, outputAudio: 100, output: 120 });
});

test('class 12: media counts that overlap the cached part never make text negative', async () => {
  const usage = await bucketsOf({
    prompt_tokens: 500,
    completion_tokens: 1,
    total_tokens: 501,
    prompt_tokens_details: { cached_tokens: 400, audio_tokens: 320 },
  });
  assert.deepEqual(usage?.buckets, { cacheRead: 400, inputAudio: 100, input: 0, output: 1 });
  assert.deepEqual(usage.flags, ['media_exceeds_input']);
});

test('class 20: a missing count is unknown, an explicit zero is zero', async () => {
  const missing = await bucketsOf({ prompt_tokens: 90 });
  assert.deepEqual([missing?.buckets, missing?.source, missing?.flags], [{ input: 90, output: null }, 'partial', ['output_estimated']]);
  const zero = await bucketsOf({ prompt_tokens: 90, completion_tokens: 0, total_tokens: 90 });
  assert.deepEqual([zero?.buckets, zero?.source, zero?.flags], [{ input: 90, output: 0 }, 'provider', []]);
  assert.equal(await bucketsOf(null), undefined);
  const input = await bucketsOf({ completion_tokens: 5 });
  assert.deepEqual([input?.buckets, input?.flags], [{ input: null, output: 5 }, ['input_estimated']]);
});

test("class 21: the provider's own cost is kept, digits as written, in its own unit", async () => {
  const cost = async (usage: object, unit: 'usd' | 'credits' | 'usd_ticks') =>
    (await bucketsOf({ ...chatUsage, ...usage }, { ...openaiDialect, providerCost: unit }))?.providerCost;
  assert.deepEqual(await cost({ cost: 0.00414 }, 'credits'), { amount: '0.00414', unit: 'credits' });
  assert.deepEqual(await cost({ cost: 4.14e-7 }, 'usd'), { amount: '0.000000414', unit: 'usd' });
  assert.deepEqual(await cost({ cost_in_usd_ticks: 21906000 }, 'usd_ticks'), { amount: '21906000', unit: 'usd_ticks' });
  assert.equal(await cost({ cost: null }, 'credits'), undefined);
  assert.equal((await bucketsOf({ ...chatUsage, cost: 1 }))?.providerCost, undefined);
});

test('class 23: more cached than the whole prompt means the prompt excludes it, and is marked', async () => {
  const usage = await bucketsOf({
    prompt_tokens: 120,
    completion_tokens: 30,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 8000 },
  });
  assert.deepEqual(usage?.buckets, { cacheRead: 8000, input: 120, output: 30 });
  assert.deepEqual(usage.flags, ['cache_read_exceeds_input', 'input_convention_exclusive_inferred']);
});

test('class 23: more reasoning than the whole completion is added to it, and is marked', async () => {
  const usage = await bucketsOf({ prompt_tokens: 1, completion_tokens: 10, completion_tokens_details: { reasoning_tokens: 30 } });
  assert.deepEqual(usage?.buckets, { input: 1, reasoning: 30, output: 10 });
  assert.deepEqual(usage.flags, ['reasoning_exceeds_output']);
});

test('class 25: the served tier is the one of the reply', async () => {
  const { facts } = await readReply('openai.chat', [events(chunk({}, { service_tier: 'flex' }), usageChunk(chatUsage), '[DONE]')]);
  assert.deepEqual(facts.served, { serviceTier: 'flex' });
});

test('class 26: usage inside tool arguments and text is not usage', async () => {
  const trap = chunk(
    { tool_calls: [{ index: 0, function: { name: 'report', arguments: '{"usage":{"prompt_tokens":999999}}' } }] },
    { tool: { usage: { prompt_tokens: 999999 } } },
  );
  const { facts } = await readReply('openai.chat', [events(trap, usageChunk(chatUsage), '[DONE]')]);
  assert.deepEqual(facts.usage?.buckets, { input: 2006, output: 300 });
});

test('class 27: the model is the one of the reply; an empty name is none', async () => {
  const azure = { id: '', model: '', choices: [], prompt_filter_results: [] };
  const { facts } = await readReply('openai.chat', [events(azure, chunk({ content: 'a' }), '[DONE]')]);
  assert.equal(facts.model, 'gpt-5-2025-08-07');
  assert.equal(facts.responseId, 'c1');
});

test('the total is checked', async () => {
  const usage = await bucketsOf({ ...chatUsage, total_tokens: 2307 });
  assert.deepEqual([usage?.buckets, usage?.flags], [{ input: 2006, output: 300 }, ['total_mismatch']]);
});

test('the raw usage is the text of the reply, byte for byte', async () => {
  const raw = '{ "prompt_tokens":1.0,\n "completion_tokens" : 2e0, "x":12345678901234567890 }';
  const { facts } = await readReply('openai.chat', [`{"model":"m","choices":[],"usage":${raw}}`], { contentType: 'application/json' });
  assert.equal(facts.usage?.raw, raw);
  assert.deepEqual(facts.usage.buckets, { input: 1, output: 2 });
});

test('a chat stream is complete with [DONE], or with a finish reason and usage; never after an error', async () => {
  const complete = async (...values: readonly unknown[]) => (await readReply('openai.chat', [events(...values)])).facts.complete;
  assert.equal(await complete(chunk({ content: 'a' })), false);
  assert.equal(await complete(chunk({}, {}, 'stop')), false);
  assert.equal(await complete(chunk({}, {}, 'stop'), usageChunk(chatUsage)), true);
  assert.equal(await complete(chunk({ content: 'a' }), '[DONE]'), true);
  assert.equal(await complete(chunk({ content: 'a' }), { error: { message: 'x' } }, '[DONE]'), false);
});

test('finish reasons', async () => {
  const finish = async (reason: string) => (await readReply('openai.chat', [events(chunk({}, {}, reason), '[DONE]')])).facts.finishReason;
  const words = ['stop', 'length', 'model_length', 'tool_calls', 'function_call', 'content_filter', 'eos'];
  assert.deepEqual(await Promise.all(words.map(finish)), [
    'stop',
    'length',
    'length',
    'tool_calls',
    'tool_calls',
    'content_filter',
    'other',
  ]);
});

test('class 15: embeddings are complete without output counts', async () => {
  const { facts } = await readBody('openai.embeddings', {
    object: 'list',
    model: 'e',
    data: [{ embedding: [0.1, -2e-5] }],
    usage: { prompt_tokens: 7, total_tokens: 7 },
  });
  assert.deepEqual(facts.usage, {
    buckets: { input: 7, output: 0 },
    source: 'provider',
    flags: [],
    raw: '{"prompt_tokens":7,"total_tokens":7}',
  });
  assert.equal(facts.complete, true);
});

const response = (more: object): object => ({
  id: 'resp_1',
  model: 'gpt-5.5',
  status: 'completed',
  output: [],
  error: null,
  incomplete_details: null,
  usage: null,
  ...more,
});
const usage = {
  input_tokens: 300,
  input_tokens_details: { cached_tokens: 100 },
  output_tokens: 64,
  output_tokens_details: { reasoning_tokens: 60 },
  total_tokens: 364,
};

test('class 14: every terminal event of a response is one, and its usage counts', async () => {
  const cases = [
    { status: 'completed', more: {}, finish: 'stop', error: undefined },
    { status: 'incomplete', more: { incomplete_details: { reason: 'max_output_tokens' } }, finish: 'length', error: undefined },
    { status: 'failed', more: { error: { code: 'server_error', message: 'broke' } }, finish: 'other', error: 'broke' },
  ];
  for (const { status, more, finish, error } of cases) {
    const stream = namedEvents(
      { type: 'response.created', response: response({ status: 'in_progress' }) } as { type: string },
      { type: 'response.output_text.delta', delta: 'Once' } as { type: string },
      { type: `response.${status}`, response: response({ status, usage, ...more }) } as { type: string },
    );
    const { facts, text } = await readReply('openai.responses', [stream]);
    assert.deepEqual(facts.usage?.buckets, { cacheRead: 100, input: 200, reasoning: 60, output: 4 });
    assert.deepEqual(
      [facts.complete, facts.finishReason, facts.error, facts.model, facts.responseId],
      [true, finish, error, 'gpt-5.5', 'resp_1'],
    );
    assert.equal(text, 'Once');
  }
});

test('class 14: a response stream without its terminal event is not complete', async () => {
  const { facts } = await readReply('openai.responses', [
    namedEvents({ type: 'response.created', response: response({ status: 'in_progress' }) } as { type: string }),
  ]);
  assert.deepEqual([facts.complete, facts.usage, facts.model], [false, undefined, 'gpt-5.5']);
});

test('an error event of a response stream is told', async () => {
  const { facts } = await readReply('openai.responses', [
    namedEvents({ type: 'error', code: 'x', message: 'too much' } as { type: string }),
  ]);
  assert.deepEqual([facts.error, facts.complete], ['too much', false]);
});

test('class 13: searches of a response are units, from tool_usage or else counted from its output', async () => {
  const search = (action: object): object => ({ type: 'web_search_call', ...action });
  const output = [
    search({ action: { type: 'search' } }),
    search({ action: { type: 'open_page' } }),
    { type: 'file_search_call' },
    search({}),
  ];
  const counted = (await readBody('openai.responses', response({ usage, output }))).facts.usage;
  assert.deepEqual([counted?.buckets.webSearch, counted?.buckets.fileSearch, counted?.flags], [2, 1, ['web_search_counted']]);
  const told = (await readBody('openai.responses', response({ usage, output, tool_usage: { web_search: { num_requests: 1 } } }))).facts
    .usage;
  assert.deepEqual([told?.buckets.webSearch, told?.flags], [1, []]);
  assert.equal(told?.raw, `[${JSON.stringify(usage)},{"web_search":{"num_requests":1}}]`);
});

test('a response that calls a function waits for the client', async () => {
  const { facts } = await readBody('openai.responses', response({ usage, output: [{ type: 'reasoning' }, { type: 'function_call' }] }));
  assert.equal(facts.finishReason, 'tool_calls');
});
