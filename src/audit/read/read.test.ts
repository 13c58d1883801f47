import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createCatalog } from '../../catalog/catalog.ts';
import type { Json } from '../../core/json.ts';
import { temporaryDir } from '../../ledger/fixtures.ts';
import { createAudit } from '../audit.ts';
import type { ReadCall } from '../call.ts';
import { cellsOf } from './exports.ts';
import { linesOf } from './lines.ts';
import { readAll, type ReadNotes, type ReadOptions } from './read.ts';
import { timeOf } from './reader.ts';

const jsonl = (...lines: readonly Json[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

interface Read {
  readonly calls: readonly ReadCall[];
  readonly notes: ReadNotes;
}

async function read(
  context: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
  options: Partial<ReadOptions> = {},
): Promise<Read> {
  const dir = join(temporaryDir(context), 'logs');
  mkdirSync(join(dir, 'deeper'), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  const catalog = createCatalog();
  const calls: ReadCall[] = [];
  const notes = await readAll([dir], { vendorOf: (model) => catalog.vendorOf(model), see: (call) => void calls.push(call), ...options });
  return { calls, notes };
}

const costOf = (calls: readonly ReadCall[]): number | null => {
  const audit = createAudit(createCatalog());
  for (const call of calls) audit.see(call);
  return audit.result().totals.all.cost;
};

const completion = (id: string, model = 'gpt-5.5') => ({
  id,
  object: 'chat.completion',
  created: 1_795_600_000,
  model,
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100, prompt_tokens_details: { cached_tokens: 400 }, completion_tokens_details: { reasoning_tokens: 60 } },
}); // prettier-ignore

const claudeUsage = { input_tokens: 10, cache_creation_input_tokens: 500, cache_read_input_tokens: 2000, cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 400 }, output_tokens: 90, output_tokens_details: { thinking_tokens: 40 }, service_tier: 'standard' }; // prettier-ignore
const entry = (id: string, block: Json, changes: object = {}) => ({
  type: 'assistant',
  uuid: `${id}-${JSON.stringify(block).length}`,
  sessionId: 's1',
  requestId: `req-${id}`,
  timestamp: '2026-11-25T09:52:34.641Z',
  cwd: 'projects/shop',
  message: { id, type: 'message', role: 'assistant', model: 'claude-opus-5-5', content: [block], usage: claudeUsage },
  ...changes,
});

suite('sessions of Claude Code', () => {
  test('a reply of several blocks counts once, with its last usage and all of its blocks', async (context) => {
    const early = entry('m1', { type: 'text', text: 'I look.' });
    const started = { ...early, message: { ...early.message, usage: { ...claudeUsage, output_tokens: 1 } } };
    const { calls } = await read(context, {
      'a.jsonl': jsonl(
        { type: 'user', sessionId: 's1', message: { role: 'user', content: 'Find it' } },
        started,
        entry('m1', { type: 'tool_use', id: 't1', name: 'Grep', input: {} }),
        {
          type: 'user',
          sessionId: 's1',
          message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'none' }] },
        },
        entry('m2', { type: 'text', text: 'Nothing there.' }),
      ),
    });
    assert.deepEqual(
      calls.map(({ buckets, reply, app, prompt }) => [buckets, reply, app, prompt?.items.length]),
      [
        [{ input: 10, cacheRead: 2000, cacheWrite5m: 100, cacheWrite1h: 400, output: 50, reasoning: 40 }, { text: 'I look.', tools: ['Grep'] }, 'shop', 1], // prettier-ignore
        [{ input: 10, cacheRead: 2000, cacheWrite5m: 100, cacheWrite1h: 400, output: 50, reasoning: 40 }, { text: 'Nothing there.', tools: [] }, 'shop', 3], // prettier-ignore
      ],
    );
  });
  test('a session copied when it was taken up again counts once, and says so', async (context) => {
    const text = jsonl(entry('m1', { type: 'text', text: 'Done.' }));
    const { calls, notes } = await read(context, { 'a.jsonl': text, 'b.jsonl': text });
    assert.deepEqual([calls.length, notes.repeatedCalls], [1, 1]);
  });
  test('a sub-agent between two blocks is a conversation of its own; messages the program made itself are no calls', async (context) => {
    const { calls } = await read(context, {
      'a.jsonl': jsonl(
        entry('m1', { type: 'text', text: 'one' }),
        entry('side', { type: 'text', text: 'aside' }, { isSidechain: true }),
        entry('m1', { type: 'text', text: 'two' }),
        { ...entry('x', { type: 'text', text: 'API error' }), message: { id: 'x', model: '<synthetic>', content: [], usage: claudeUsage } },
      ),
    });
    assert.deepEqual(calls.map(({ session, reply }) => [session, reply?.text]).toSorted(([left], [right]) => (String(left) < String(right) ? -1 : 1)), [['s1', 'one\ntwo'], ['s1/sidechain', 'aside']]); // prettier-ignore
  });
  test('a request told as what it shares with an earlier one is made whole again', async (context) => {
    const shape = { type: 'api-request-shape', sessionId: 's1', shapeHash: 'h', shape: { system: 'You help.', tools: [{ name: 'Grep' }] } };
    const request = (id: string, changes: object) => ({ type: 'api-request', sessionId: 's1', id, shapeHash: 'h', params: {}, ...changes });
    const { calls } = await read(context, {
      'a.jsonl': jsonl(
        shape,
        { type: 'api-request-blob', sessionId: 's1', hash: 'b1', message: { role: 'user', content: 'Find it' } },
        request('r1', { keep: 0, tail: ['b1'] }),
        entry('m1', { type: 'text', text: 'I look.' }, { requestRef: 'r1' }),
        { type: 'user', sessionId: 's1', message: { role: 'user', content: 'Go on' } },
        request('r2', { base: 'r1', keep: 1, tail: ['said', 'heard'] }),
        entry('m2', { type: 'text', text: 'Done.' }, { requestRef: 'r2' }),
      ),
    });
    assert.deepEqual(calls[1]?.prompt?.items, [
      '{"role":"user","content":"Find it"}',
      '{"role":"assistant","content":[{"type":"text","text":"I look."}]}',
      '{"role":"user","content":"Go on"}',
    ]);
    assert.deepEqual([calls[1]?.prompt?.head, calls[1]?.prompt?.tools], ['"You help."', '[{"name":"Grep"}]']);
  });
});

suite('sessions of Codex', () => {
  const line = (type: string, payload: object) => ({ timestamp: '2026-11-25T10:52:06.804Z', type, payload }) as Json;
  const usage = { input_tokens: 8000, cached_input_tokens: 6000, output_tokens: 150, reasoning_output_tokens: 100, total_tokens: 8150 };
  const count = (total: number) =>
    line('event_msg', { type: 'token_count', info: { total_token_usage: { total_tokens: total }, last_token_usage: usage } });
  const begin = [line('session_meta', { id: 's1', cwd: 'projects/shop' }), line('turn_context', { model: 'gpt-5.5' })];
  const buckets = { input: 2000, cacheRead: 6000, output: 50, reasoning: 100 };
  test('each running total is a call; the same one told again, or none, is not', async (context) => {
    const nothing = line('event_msg', { type: 'token_count', info: null });
    const { calls } = await read(context, { 'rollout-1.jsonl': jsonl(...begin, nothing, count(8150), count(8150), count(16_300)) });
    assert.deepEqual(calls.map((call) => [call.buckets, call.session, call.app, call.provider]), [[buckets, 's1', 'shop', 'openai'], [buckets, 's1', 'shop', 'openai']]); // prettier-ignore
  });
  test('where calls are told one by one, running totals are not counted beside them', async (context) => {
    const record = line('token_usage_record', { response_id: 'resp_1', usage });
    const { calls } = await read(context, { 'rollout-1.jsonl': jsonl(...begin, record, count(8150)) });
    assert.deepEqual(calls.map((call) => call.buckets), [buckets]); // prettier-ignore
  });
});

suite('requests and replies', () => {
  const request = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'hi' }] };
  const buckets = { input: 600, cacheRead: 400, output: 40, reasoning: 60 };
  const shapes: Readonly<Record<string, Json>> = {
    'a pair': { request, response: completion('c1') },
    'a pair in text': { request: JSON.stringify(request), response: JSON.stringify(completion('c1')) },
    'a pair with bodies inside': { request: { body: request }, response: { status: 200, body: completion('c1') } },
    'a reply alone': completion('c1'),
    'a line of a batch': { id: 'b', custom_id: 'one', response: { status_code: 200, body: completion('c1') }, error: null },
  };
  for (const [name, shape] of Object.entries(shapes))
    test(name, async (context) => {
      const { calls } = await read(context, { 'calls.jsonl': jsonl(shape) });
      assert.deepEqual(calls.map((call) => [call.buckets, call.model, call.at]), [[buckets, 'gpt-5.5', 1_795_600_000_000]]); // prettier-ignore
    });
  test('a line of a batch costs half', async (context) => {
    const plain = await read(context, { 'calls.jsonl': jsonl(shapes['a reply alone']!) });
    const batch = await read(context, { 'calls.jsonl': jsonl(shapes['a line of a batch']!) });
    assert.equal(costOf(batch.calls)! * 2, costOf(plain.calls));
  });
  test('a recorded stream', async (context) => {
    const events = [
      {
        type: 'message_start',
        message: { id: 'm', type: 'message', model: 'claude-opus-5-5', usage: { input_tokens: 10, output_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'search', input: {} } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 20 } },
      { type: 'message_stop' },
    ];
    const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    const { calls } = await read(context, { 'calls.jsonl': jsonl({ request: { model: 'claude-opus-5-5' }, response: stream }) });
    assert.deepEqual(calls.map((call) => [call.buckets, call.reply?.tools]), [[{ input: 10, output: 20 }, ['search']]]); // prettier-ignore
  });
  test('one document over several lines, a list of them, and a packed file', async (context) => {
    const { calls, notes } = await read(context, {
      'one.json': JSON.stringify(completion('c1'), undefined, 2),
      'list.json': JSON.stringify([completion('c2'), completion('c3')]),
      'deeper/packed.jsonl.gz': gzipSync(jsonl(completion('c4'))),
      'deeper/notes.json': '{"name":"something else"}',
    });
    assert.equal(calls.length, 4);
    assert.deepEqual(notes.unknownFiles, ['logs/deeper/notes.json']);
  });
  test('a failed call costs nothing; a model nobody knows has no price, and counts as such', async (context) => {
    const failed = { request, response: { status: 429, body: { error: { message: 'slow down' } } }, timestamp: '2026-11-25T09:00:00Z' };
    const { calls } = await read(context, { 'calls.jsonl': jsonl(completion('c1'), completion('c2', 'a-model-of-ours'), failed) });
    const audit = createAudit(createCatalog());
    for (const call of calls) audit.see(call);
    const { all } = audit.result().totals;
    assert.deepEqual([all.calls, all.unpricedCalls, all.cost], [2, 1, costOf(calls.slice(0, 1))]);
  });
});

suite('OTLP', () => {
  const span = (id: string, attributes: Readonly<Record<string, string | number>>) => ({
    traceId: 't1',
    spanId: id,
    startTimeUnixNano: '1795600000000000000',
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    })),
  });
  const exported = (...spans: readonly object[]) => ({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }, scopeSpans: [{ spans }] }] }) as unknown as Json; // prettier-ignore
  const current = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.response.model': 'gpt-5.5', 'gen_ai.request.model': 'gpt-5.5', 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.output_tokens': 100, 'gen_ai.usage.cache_read.input_tokens': 400 }; // prettier-ignore
  const former = { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'gpt-5.5', 'gen_ai.usage.prompt_tokens': 1000, 'gen_ai.usage.completion_tokens': 100, 'gen_ai.usage.cache_read_input_tokens': 400 }; // prettier-ignore
  const openInference = { 'llm.model_name': 'gpt-5.5', 'llm.provider': 'openai', 'llm.token_count.prompt': 1000, 'llm.token_count.completion': 100, 'llm.token_count.prompt_details.cache_read': 400 }; // prettier-ignore
  test('the same call in current, former and OpenInference names', async (context) => {
    const { calls } = await read(context, { 'spans.json': JSON.stringify(exported(span('a', current), span('b', former), span('c', openInference)), undefined, 1) }); // prettier-ignore
    const expected = { app: 'shop', at: 1_795_600_000_000, buckets: { input: 600, cacheRead: 400, output: 100 } };
    assert.deepEqual(calls.map(({ app, at, buckets }) => ({ app, at, buckets })), [expected, expected, expected]); // prettier-ignore
  });
  test('an agent that repeats the sums of its calls, and spans of other things, are no calls', async (context) => {
    const agent = { ...current, 'gen_ai.operation.name': 'invoke_agent' };
    const { calls, notes } = await read(context, { 'spans.jsonl': jsonl(exported(span('a', agent), span('b', { 'http.method': 'GET' }))) });
    assert.deepEqual([calls.length, notes.unknownFiles.length], [0, 0]);
  });
});

const openaiHeader = 'start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens,output_text_tokens,input_cached_text_tokens,input_audio_tokens,input_cached_audio_tokens,output_audio_tokens,input_image_tokens,input_cached_image_tokens,output_image_tokens'; // prettier-ignore
const anthropicHeader = 'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed'; // prettier-ignore

suite('usage exports', () => {
  test("OpenAI's: rows of the usage page, priced for calls of their average size; stretches without use are left out", async (context) => {
    const rows = [
      openaiHeader,
      '1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,proj_1,10.0,user-1,key_1,gpt-5-2025-08-07,FALSE,default,592000.0,10646.0,57600.0,534400.0,534400.0,10646.0,57600.0,0.0,0.0,0.0,0.0,0.0,0.0',
      '1759795200,1759881600,2025-10-07T00:00:00+00:00,2025-10-08T00:00:00+00:00,,,,,,,,,,,,,,,,,,,,',
    ];
    const { calls } = await read(context, { 'completions_usage.csv': `\uFEFF${rows.join('\r\n')}\r\n` });
    assert.deepEqual(calls.map(({ calls: count, app, buckets }) => [count, app, buckets]), [[10, 'proj_1', { input: 534_400, cacheRead: 57_600, output: 10_646 }]]); // prettier-ignore
    // gpt-5: 1.25, 0.125 and 10 USD a million.
    assert.equal(costOf(calls), 534_400 * 1250 + 57_600 * 125 + 10_646 * 10_000);
  });
  test("Anthropic's: lifetimes of writes, quoted names, a tier by its context window", async (context) => {
    const rows = [
      anthropicHeader,
      '2026-10-03,claude-opus-5-5,"key, one",Shop,standard,≤ 200k,109911,2528,1000,50000,34988,0,not_available,',
    ];
    const { calls } = await read(context, { 'claude.csv': rows.join('\n') });
    assert.deepEqual(calls.map(({ app, at, buckets }) => [app, at, buckets]), [['Shop', Date.UTC(2026, 9, 3), { input: 109_911, cacheWrite5m: 2528, cacheWrite1h: 1000, cacheRead: 50_000, output: 34_988 }]]); // prettier-ignore
    assert.equal(costOf(calls), 109_911 * 4000 + 2528 * 5000 + 1000 * 8000 + 50_000 * 200 + 34_988 * 20_000);
  });
  test('cells may hold commas and quotes', () => assert.deepEqual(cellsOf('a,"b, ""c""",,d\r'), ['a', 'b, "c"', '', 'd']));
});

suite('what is read', () => {
  test('the time asked for, the end left out; a call without a time fits none', async (context) => {
    const at = (created: number | undefined): Json => ({ ...completion('c'), created: created ?? null });
    const files = { 'calls.jsonl': jsonl(at(1_795_600_000), at(1_795_600_100), at(undefined)) };
    const { calls } = await read(context, files, { since: 1_795_600_000_000, until: 1_795_600_100_000 });
    assert.deepEqual(calls.map((call) => call.at), [1_795_600_000_000]); // prettier-ignore
  });
  test('the standard input', async () => {
    const calls: ReadCall[] = [];
    const stdin = Readable.from([Buffer.from(jsonl(completion('c1')))]);
    await readAll(['-'], { vendorOf: () => 'openai', see: (call) => void calls.push(call), stdin });
    assert.equal(calls[0]?.where, 'stdin:1');
  });
  test('broken lines are counted and passed over', async (context) => {
    const { calls, notes } = await read(context, { 'calls.jsonl': `${jsonl(completion('c1'))}{"torn": \n${jsonl(completion('c2'))}` });
    assert.deepEqual([calls.length, notes.brokenLines, notes.lines], [2, 1, 3]);
  });
  test('a line at the limit is read, one above it is not, and the next one is', async () => {
    const told: number[] = [];
    const lines: string[] = [];
    const source = Readable.from([Buffer.from('12345\n1234'), Buffer.from('56\nabc')]);
    for await (const { bytes } of linesOf(source, { limitBytes: 5, onTooLong: (number) => void told.push(number) }))
      lines.push(String(bytes));
    assert.deepEqual([lines, told], [['12345', 'abc'], [2]]);
  });
  for (const [written, at] of [
    ['2026-11-25T09:00:00Z', 1_795_597_200_000],
    [1_795_597_200, 1_795_597_200_000],
    [1_795_597_200_000, 1_795_597_200_000],
    ['1795597200000000000', 1_795_597_200_000],
    ['soon', undefined],
    [0, undefined],
  ] as const)
    // prettier-ignore
    test(`a time written as ${written}`, () => assert.equal(timeOf(written), at));
});

test('a hundred megabytes are read in bounded memory', async () => {
  const text = 'a line of a file that a tool has read for the model, word by word. '.repeat(400);
  const messages = Array.from({ length: 8 }, (_, index) => ({ role: index % 2 ? 'assistant' : 'user', content: `${index} ${text}` }));
  const wanted = 100_000_000;
  let written = 0;
  let most = 0;
  const stdin = Readable.from(
    (function* () {
      for (let number = 0; written < wanted; number += 1) {
        const request = { model: 'gpt-5.5', messages: [{ role: 'user', content: `task ${number}` }, ...messages] };
        const bytes = Buffer.from(jsonl({ session: `s${number}`, request, response: completion(`c${number}`) }));
        written += bytes.length;
        if (number % 50 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
        yield bytes;
      }
    })(),
  );
  const audit = createAudit(createCatalog());
  const before = process.memoryUsage().heapUsed;
  const notes = await readAll(['-'], { vendorOf: () => 'openai', see: (call) => audit.see(call), stdin });
  assert.equal(notes.bytes, written);
  assert.equal(audit.result().totals.all.calls, notes.lines);
  // What is remembered of conversations is 96 MB at most, at two bytes a character, and as much again is garbage.
  assert.ok(most - before < 300_000_000, `${most - before} bytes`);
});
