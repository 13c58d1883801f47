import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedEvents, readBody, readReply } from './testing.ts';

type Event = { readonly type: string };

const start = (usage: object): Event =>
  ({ type: 'message_start', message: { id: 'msg_1', model: 'claude-opus-5-5', content: [], stop_reason: null, usage } }) as Event;
const text = (text: string): Event => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }) as Event;
const delta = (usage: object | undefined, stop = 'end_turn'): Event =>
  ({ type: 'message_delta', delta: { stop_reason: stop }, usage }) as Event;
const stop: Event = { type: 'message_stop' };
const begun = {
  input_tokens: 100,
  cache_creation_input_tokens: 3000,
  cache_read_input_tokens: 10000,
  cache_creation: { ephemeral_5m_input_tokens: 2000, ephemeral_1h_input_tokens: 1000 },
  output_tokens: 3,
};
const ofStream = async (...events: readonly Event[]) => (await readReply('anthropic.messages', [namedEvents(...events)])).facts;
const message = (usage: object): object => ({
  id: 'msg_1',
  type: 'message',
  model: 'claude-opus-5-5',
  content: [{ type: 'text', text: 'ok' }],
  stop_reason: 'end_turn',
  usage,
});
const ofBody = async (usage: object) => (await readBody('anthropic.messages', message(usage))).facts.usage;

test('class 1: nothing is taken from input_tokens, which is fresh input only', async () => {
  const usage = await ofBody({ input_tokens: 20, cache_read_input_tokens: 50000, cache_creation_input_tokens: 0, output_tokens: 5 });
  assert.deepEqual(usage?.buckets, { cacheRead: 50000, input: 20, output: 5 });
});

test('class 2: the delta is cumulative and replaces the placeholder of the start', async () => {
  const facts = await ofStream(start({ input_tokens: 25, output_tokens: 1 }), text('Sunny'), delta({ output_tokens: 12 }), stop);
  assert.deepEqual(facts.usage?.buckets, { input: 25, output: 12 });
  assert.equal(facts.complete, true);
  assert.equal(facts.usage.raw, '[{"input_tokens":25,"output_tokens":1},{"output_tokens":12}]');
});

test('class 2: a relay that sends zeros for the input at the end does not erase it', async () => {
  const { usage } = await ofStream(start(begun), delta({ input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 12 }), stop);
  assert.deepEqual(usage?.buckets, { cacheWrite5m: 2000, cacheWrite1h: 1000, cacheRead: 10000, input: 100, output: 12 });
});

test('class 3: what the cache grew by after the start has no known lifetime', async () => {
  const { usage } = await ofStream(
    start(begun),
    delta({ input_tokens: 140, cache_creation_input_tokens: 5000, cache_read_input_tokens: 23000, output_tokens: 240 }),
    stop,
  );
  assert.deepEqual(usage?.buckets, { cacheWrite5m: 2000, cacheWrite1h: 1000, cacheWrite: 2000, cacheRead: 23000, input: 140, output: 240 });
  assert.deepEqual(usage.flags, ['cache_write_ttl_unknown']);
});

test('class 4: five-minute and one-hour writes are apart, and not added to their sum', async () => {
  const usage = await ofBody({ ...begun, output_tokens: 7 });
  assert.deepEqual([usage?.buckets.cacheWrite5m, usage?.buckets.cacheWrite1h, usage?.buckets.cacheWrite], [2000, 1000, undefined]);
  const without = await ofBody({ input_tokens: 1, cache_creation_input_tokens: 30, output_tokens: 7 });
  assert.deepEqual([without?.buckets.cacheWrite, without?.flags], [30, ['cache_write_ttl_unknown']]);
  const contrary = await ofBody({ ...begun, cache_creation_input_tokens: 10, output_tokens: 7 });
  assert.deepEqual(
    [contrary?.buckets.cacheWrite5m, contrary?.buckets.cacheWrite, contrary?.flags],
    [2000, undefined, ['cache_write_split_exceeds_total']],
  );
});

test('class 5: of a stream broken off the input is exact and the output unknown, never the placeholder', async () => {
  const { facts, text: streamed } = await readReply('anthropic.messages', [namedEvents(start(begun), text('The weather '), text('is'))], {
    ended: false,
  });
  assert.deepEqual(facts.usage?.buckets, { cacheWrite5m: 2000, cacheWrite1h: 1000, cacheRead: 10000, input: 100, output: null });
  assert.deepEqual([facts.usage.source, facts.usage.flags, facts.complete], ['partial', ['output_estimated'], false]);
  assert.equal(facts.usage.raw, JSON.stringify(begun));
  assert.equal(streamed, 'The weather is');
});

test('class 5: an error in mid-stream leaves the same, with its message', async () => {
  const facts = await ofStream(start(begun), text('The'), {
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
  } as Event);
  assert.deepEqual([facts.error, facts.complete, facts.usage?.buckets.output], ['Overloaded', false, null]);
});

test('class 6: thinking is inside the output', async () => {
  const usage = await ofBody({ input_tokens: 60, output_tokens: 210, output_tokens_details: { thinking_tokens: 180 } });
  assert.deepEqual(usage?.buckets, { input: 60, reasoning: 180, output: 30 });
});

test('class 13: server tools are units', async () => {
  const usage = await ofBody({ input_tokens: 1, output_tokens: 2, server_tool_use: { web_search_requests: 3, web_fetch_requests: 1 } });
  assert.deepEqual([usage?.buckets.webSearch, usage?.buckets.webFetch], [3, 1]);
  const { usage: streamed } = await ofStream(start(begun), delta({ output_tokens: 2, server_tool_use: { web_search_requests: 2 } }), stop);
  assert.equal(streamed?.buckets.webSearch, 2);
});

test('class 16: compaction is added, messages are not, other models stand apart', async () => {
  const usage = await ofBody({
    input_tokens: 900,
    output_tokens: 300,
    iterations: [
      { type: 'compaction', input_tokens: 1500, cache_read_input_tokens: 160000, output_tokens: 3500 },
      { type: 'message', model: 'claude-opus-5-5', input_tokens: 900, output_tokens: 300 },
      {
        type: 'advisor_message',
        model: 'claude-haiku-5-5',
        input_tokens: 40,
        cache_creation_input_tokens: 10,
        cache_creation: { ephemeral_1h_input_tokens: 10 },
        output_tokens: 5,
      },
      { type: 'fallback_message', input_tokens: 40, output_tokens: 5 },
    ],
  });
  assert.deepEqual(usage?.buckets, { cacheRead: 160000, input: 2400, output: 3800 });
  assert.deepEqual(usage.others, [{ model: 'claude-haiku-5-5', buckets: { cacheWrite1h: 10, input: 40, output: 5 } }]);
  assert.deepEqual(usage.flags, ['iterations_added', 'iterations_other_model', 'iteration_unknown']);
});

test('class 16: a fallback credit is marked', async () => {
  assert.deepEqual((await ofBody({ input_tokens: 1, output_tokens: 1, fallback_credit: {} }))?.flags, ['fallback_credit']);
});

test('class 25: tier, speed and place of the reply are told', async () => {
  const { served } = await ofStream(
    start({ ...begun, service_tier: 'standard', speed: 'fast', inference_geo: 'us' }),
    delta({ output_tokens: 1, service_tier: 'priority' }),
    stop,
  );
  assert.deepEqual(served, { serviceTier: 'priority', speed: 'fast', inferenceGeo: 'us' });
});

test('class 26: usage in the input of a tool is not usage', async () => {
  const trap = {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'tool_use', name: 'x', input: { type: 'message_delta', usage: { output_tokens: 999 } } },
  };
  const { usage } = await ofStream(start({ input_tokens: 5, output_tokens: 1 }), trap, delta({ output_tokens: 2 }), stop);
  assert.deepEqual(usage?.buckets, { input: 5, output: 2 });
});

test('stop reasons', async () => {
  const words = [
    'end_turn',
    'stop_sequence',
    'max_tokens',
    'model_context_window_exceeded',
    'tool_use',
    'refusal',
    'pause_turn',
    'new_one',
  ];
  const reasons = await Promise.all(
    words.map(async (word) => (await ofStream(start(begun), delta({ output_tokens: 1 }, word), stop)).finishReason),
  );
  assert.deepEqual(reasons, ['stop', 'stop', 'length', 'length', 'tool_calls', 'refusal', 'pause', 'other']);
});

test('the text of a stream holds thinking, text and tool arguments once each', async () => {
  const part = (more: object): Event => ({ type: 'content_block_delta', index: 0, delta: more }) as Event;
  const tool = { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', name: 'get_weather', input: {} } } as Event;
  const stream = namedEvents(
    start(begun),
    part({ thinking: 'Hm. ' }),
    text('Sunny '),
    part({ signature: 'x' }),
    tool,
    part({ partial_json: '{"a":1}' }),
    stop,
  );
  assert.equal((await readReply('anthropic.messages', [stream])).text, 'Hm. Sunny get_weather{"a":1}');
});

test('count_tokens uses nothing', async () => {
  const { facts } = await readBody('anthropic.count_tokens', { input_tokens: 1234 });
  assert.deepEqual([facts.usage?.buckets, facts.usage?.source, facts.complete], [{ input: 0, output: 0 }, 'provider', true]);
});

test('an error body is told and has no usage', async () => {
  const { facts } = await readBody(
    'anthropic.messages',
    { type: 'error', error: { type: 'rate_limit_error', message: 'slow down' }, request_id: 'r' },
    { status: 429 },
  );
  assert.deepEqual([facts.error, facts.usage, facts.complete], ['slow down', undefined, true]);
});
