import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ConfigInput } from '../src/config/schema.ts';
import { startStand, type Cleanup, type Stand, type StandOptions } from './harness.ts';
import { emulated } from './metered.ts';

type Config = Partial<ConfigInput>;
const on = (more: Config = {}, stages: object = { exactCache: 'on' }): Config => ({
  savings: { holdout: 0, stageHoldout: 0, stages },
  ...more,
});
const start = (t: Cleanup, config: Config = on(), more: StandOptions = {}): Promise<Stand> => startStand(t, { ...more, config });

interface Answer {
  readonly status: number;
  readonly cache: string | null;
  readonly age: string | null;
  readonly text: string;
}

async function ask(stand: Stand, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const call = { model: 'gpt-5-mini', temperature: 0, messages: [{ role: 'user', content: 'Tell me about the sea.' }], ...body };
  const response = await fetch(`${stand.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(call),
  });
  const text = await response.text();
  return { status: response.status, cache: response.headers.get('x-modicum-cache'), age: response.headers.get('age'), text };
}

suite('the same call again', () => {
  for (const stream of [false, true])
    test(`${stream ? 'a stream' : 'a whole reply'} is answered with the same bytes, without a provider, at no cost`, async (t) => {
      const stand = await start(t);
      const first = await ask(stand, { stream });
      await stand.records(1);
      const second = await ask(stand, { stream });
      assert.deepEqual([first.cache, second.cache, first.age, second.age], ['miss', 'hit', null, '0']);
      assert.equal(second.text, first.text);
      assert.equal(stand.seen.length, 1);
      const [paid, kept] = await stand.records(2);
      assert.deepEqual(
        [kept!.cost.total, kept!.usageSource, kept!.outcome, kept!.provider, kept!.buckets],
        [0, 'cache', 'ok', 'openai', {}],
      );
      const [saving] = kept!.annotations?.savings ?? [];
      assert.deepEqual([saving?.stage, saving?.rule, saving?.mode, saving?.basis], ['exact-cache', 'kept', 'on', 'measured']);
      assert.equal(saving?.cost, paid!.cost.total);
      assert.ok(paid!.cost.total! > 0);
    });

  test('is known after a restart, out of the store', async (t) => {
    const stand = await start(t, on({ cache: { exact: { maxBytes: 0 } } }));
    const first = await ask(stand);
    await stand.records(1);
    const second = await ask(stand);
    assert.deepEqual([second.cache, second.text, stand.seen.length], ['hit', first.text, 1]);
  });

  test('settles a budget to nothing', async (t) => {
    const limit = { usd: '1' };
    const stand = await start(t, on({ budgets: [{ name: 'b', match: {}, limit, window: 'day', action: 'refuse' }] }));
    await ask(stand);
    const { cost } = (await stand.records(1))[0]!;
    await ask(stand);
    const records = await stand.records(2);
    const spent = records.map(({ annotations }) => Object.values(annotations?.booked?.spent ?? {})[0]?.[0]);
    assert.deepEqual(spent, [cost.total, 0]);
  });
});

suite('calls that are not kept', () => {
  const cases: readonly (readonly [string, object, string, Config?])[] = [
    ['one without temperature 0', { temperature: 1 }, 'bypass'],
    ['one whose answer was cut short', { max_tokens: 1 }, 'miss'],
    ['one with several answers', { n: 2 }, 'bypass'],
    [
      'one whose answer calls a tool',
      { tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'object', properties: {} } } }], tool_choice: 'required' },
      'miss',
    ],
  ];
  for (const [name, body, state] of cases)
    test(name, async (t) => {
      const stand = await start(t);
      for (let turn = 0; turn < 2; turn += 1) {
        assert.equal((await ask(stand, body)).cache, state);
        await stand.records(turn + 1);
      }
      assert.equal(stand.seen.length, 2);
    });

  test('a failure', async (t) => {
    const stand = await start(t);
    for (let turn = 0; turn < 2; turn += 1) assert.equal((await ask(stand, { messages: 'no' })).status, 400);
    assert.equal(stand.seen.length, 2);
  });

  test('a call of another key of the provider', async (t) => {
    const stand = await start(t, on(), { apiKey: undefined });
    await ask(stand, {}, { authorization: 'Bearer a' });
    await stand.records(1);
    assert.equal((await ask(stand, {}, { authorization: 'Bearer b' })).cache, 'miss');
  });

  test('nothing, and no header, where the cache is off', async (t) => {
    const stand = await start(t, {});
    await ask(stand);
    assert.equal((await ask(stand)).cache, null);
    assert.equal(stand.seen.length, 2);
  });

  test('with mode observe calls go on, and the record tells what would have been saved', async (t) => {
    const stand = await start(t, on({}, { exactCache: 'observe' }));
    for (const turn of [1, 2]) {
      assert.equal((await ask(stand)).cache, 'miss');
      await stand.records(turn);
    }
    const [, second] = await stand.records(2);
    const [saving] = second!.annotations?.savings ?? [];
    assert.deepEqual([saving?.mode, saving?.cost, stand.seen.length], ['observe', second!.cost.total, 2]);
  });
});

suite('what the client asks of the cache', () => {
  test('on, off, refresh, no-store, no-cache, max-age, only-if-cached', async (t) => {
    const stand = await start(t);
    const hot = { temperature: 1 };
    const turns: readonly (readonly [Readonly<Record<string, string>>, object, number, string | null])[] = [
      [{ 'cache-control': 'only-if-cached' }, {}, 504, null],
      [{}, {}, 200, 'miss'],
      [{ 'cache-control': 'only-if-cached' }, {}, 200, 'hit'],
      [{ 'cache-control': 'max-age=60' }, {}, 200, 'hit'],
      [{ 'cache-control': 'no-store' }, {}, 200, 'bypass'],
      [{ 'x-modicum-cache': 'off' }, {}, 200, 'bypass'],
      [{ 'cache-control': 'no-cache' }, {}, 200, 'miss'],
      [{ 'x-modicum-cache': 'refresh' }, {}, 200, 'miss'],
      [{ 'x-modicum-knowledge-version': '2' }, {}, 200, 'miss'],
      [{ 'x-modicum-cache': 'on' }, hot, 200, 'miss'],
      [{ 'x-modicum-cache': 'on' }, hot, 200, 'hit'],
      [{ 'x-modicum-cache': 'sometimes' }, {}, 400, null],
    ];
    for (const [at, [headers, body, status, cache]] of turns.entries()) {
      const answer = await ask(stand, body, headers);
      assert.deepEqual([answer.status, answer.cache], [status, cache], JSON.stringify(headers));
      await stand.records(at + 1);
    }
  });
});

suite('the memo of a task', () => {
  test('answers the same call of the same task, at any temperature, and no other', async (t) => {
    const stand = await start(t, on({}, { stepReuse: 'on' }));
    const states: (string | null)[] = [];
    for (const [at, task] of ['t1', 't1', 't2', undefined].entries()) {
      states.push((await ask(stand, { temperature: 1 }, task === undefined ? {} : { 'x-modicum-task': task })).cache);
      await stand.records(at + 1);
    }
    assert.deepEqual(states, ['miss', 'hit', 'miss', null]);
    const saving = (await stand.records(4))[1]!.annotations?.savings?.[0];
    assert.deepEqual([saving?.stage, saving?.mode], ['step-reuse', 'on']);
  });
});

suite('200 of the same call at one time', () => {
  for (const stream of [false, true])
    test(`make one upstream call, ${stream ? 'a stream' : 'whole'}`, async (t) => {
      const stand = await start(t, on(), { emulator: { pacing: { firstByteMs: 200, betweenChunksMs: 5 } } }); // some come when it has ended already
      const answers = await Promise.all(Array.from({ length: 200 }, () => ask(stand, { stream })));
      assert.equal(stand.seen.length, 1);
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      const records = await stand.records(200);
      assert.equal(records.filter(({ cost }) => cost.total! > 0).length, 1);
      const paid = records.find(({ cost }) => cost.total! > 0)!;
      const saved = records.filter(({ annotations }) => annotations?.savings?.[0]?.cost === paid.cost.total);
      assert.equal(saved.length, 199);
      assert.deepEqual([...new Set(records.map(({ outcome }) => outcome))], ['ok']);
    });
});

suite('SDKs', () => {
  test('read a kept OpenAI stream, at once and with its pauses', async (t) => {
    for (const pacing of ['at_once', 'original'] as const) {
      const stand = await start(t, on({ cache: { exact: { pacing } } }));
      const client = new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/v1`, maxRetries: 0 });
      const read = async (): Promise<unknown[]> =>
        Array.fromAsync(
          await client.chat.completions.create({
            model: 'gpt-5-mini',
            seed: 1,
            stream: true,
            stream_options: { include_usage: true },
            messages: [{ role: 'user', content: 'Hi' }],
          }),
        );
      const first = await read();
      await stand.records(1);
      assert.deepEqual(await read(), first);
      assert.equal(stand.seen.length, 1);
    }
  });

  test('read a kept Anthropic stream and a kept message', async (t) => {
    const stand = await start(t);
    const client = new Anthropic({ apiKey: 'k', baseURL: stand.url, maxRetries: 0, defaultHeaders: { 'x-modicum-cache': 'on' } });
    const call = { model: 'claude-sonnet-5', max_tokens: 500, messages: [{ role: 'user' as const, content: 'Hi' }] };
    const streamed: string[] = [];
    for (const turn of [1, 2]) {
      streamed.push(JSON.stringify(await client.messages.stream(call).finalMessage()));
      await stand.records(turn);
    }
    assert.equal(streamed[1], streamed[0]);
    const whole = [await client.messages.create(call)];
    await stand.records(3);
    whole.push(await client.messages.create(call));
    assert.deepEqual(whole[1], whole[0]);
    assert.match((whole[1]!.content[0] as { text: string }).text, emulated);
    assert.equal(stand.seen.length, 2, 'a stream and a whole reply are two calls');
  });
});
