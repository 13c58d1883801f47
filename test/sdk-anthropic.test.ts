import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { providerKey, sharedStand, startStand, type Stand } from './harness.ts';
import { emulated, metered, weather } from './metered.ts';

const client = /^Anthropic\/JS$/;
const tool = { name: weather.name, description: weather.description, input_schema: weather.parameters };
const text = (message: Anthropic.Message): string => message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
const hello = (model: string) => ({ model, max_tokens: 400, messages: [{ role: 'user' as const, content: 'Hello' }] });

suite('Anthropic SDK, nothing changed but the base URL', () => {
  const shared = sharedStand();
  let stand: Stand;
  let anthropic: Anthropic;

  before(() => {
    stand = shared();
    anthropic = new Anthropic({ apiKey: 'sk-ant-of-the-client', baseURL: stand.url, maxRetries: 0 });
  });

  test('messages', async () => {
    const model = 'claude-opus-5-5';
    const { answer, records, seen } = await metered(stand, { api: 'anthropic.messages', model, client }, () =>
      anthropic.messages.create(hello(model)),
    );
    assert.match(text(answer), emulated);
    assert.deepEqual([answer.usage.input_tokens, answer.usage.output_tokens], [records[0]!.buckets.input, records[0]!.buckets.output]);
    assert.equal(seen[0]!.headers['x-api-key'], providerKey);
    assert.equal(seen[0]!.headers['authorization'], undefined, "the client's own credential stays here");
    assert.equal(seen[0]!.headers['anthropic-version'], '2026-10-21');
  });

  test('messages stream', async () => {
    const model = 'claude-sonnet-5-5';
    const { answer, records } = await metered(stand, { api: 'anthropic.messages', model, stream: true, client }, () =>
      anthropic.messages.stream({ ...hello(model), thinking: { type: 'adaptive' } }).finalMessage(),
    );
    assert.match(text(answer), emulated);
    assert.ok(records[0]!.buckets.reasoning! > 0);
    assert.equal(answer.usage.output_tokens, records[0]!.buckets.output! + records[0]!.buckets.reasoning!);
  });

  for (const stream of [false, true]) {
    test(`a tool loop of two steps, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model = 'claude-haiku-4-5';
      const ask = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> => {
        const body = { model, max_tokens: 400, tools: [tool], messages };
        return stream ? anthropic.messages.stream(body).finalMessage() : anthropic.messages.create(body);
      };
      const user: Anthropic.MessageParam = { role: 'user', content: 'Use get_weather for Rome' };
      const { answer, records } = await metered(stand, { api: 'anthropic.messages', model, stream, calls: 2, client }, async () => {
        const first = await ask([user]);
        const use = first.content.find((block) => block.type === 'tool_use')!;
        const result: Anthropic.MessageParam = {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: use.id, content: '30 degrees' }],
        };
        return { use, second: await ask([user, { role: 'assistant', content: first.content }, result]) };
      });
      assert.deepEqual([answer.use.name, Object.keys(answer.use.input as object)], ['get_weather', ['city']]);
      assert.match(text(answer.second), emulated);
      assert.deepEqual(
        records.map(({ finishReason }) => finishReason),
        ['tool_calls', 'stop'],
      );
    });
  }

  test('counting tokens is free', async () => {
    const model = 'claude-opus-5-5';
    const { answer, records } = await metered(stand, { api: 'anthropic.count_tokens', model, client }, () =>
      anthropic.messages.countTokens({ model, messages: hello(model).messages }),
    );
    assert.ok(answer.input_tokens > 0);
    assert.deepEqual([records[0]!.cost.status, records[0]!.cost.total], ['free', 0]);
  });

  for (const ttl of ['5m', '1h'] as const) {
    test(`cache_control of ${ttl}: written once, then read`, async () => {
      const model = 'claude-sonnet-5-5';
      const system = `${ttl}: ${'the quick brown fox jumps over the lazy dog. '.repeat(200)}`;
      const { answer, records } = await metered(stand, { api: 'anthropic.messages', model, calls: 2, client }, async () => {
        const ask = () =>
          anthropic.messages.create({
            ...hello(model),
            system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral', ttl } }],
          });
        return [await ask(), await ask()];
      });
      const [write, read] = records.map(({ buckets }) => buckets);
      assert.ok(write![ttl === '5m' ? 'cacheWrite5m' : 'cacheWrite1h']! > 1024);
      assert.equal(read!.cacheRead, answer[1]!.usage.cache_read_input_tokens);
      assert.equal(read!.cacheRead, write![ttl === '5m' ? 'cacheWrite5m' : 'cacheWrite1h']);
    });
  }

  test('the beta namespace: query and beta flags arrive', async () => {
    const model = 'claude-opus-5-5';
    const { seen } = await metered(stand, { api: 'anthropic.messages', model, client }, () =>
      anthropic.beta.messages.create({ ...hello(model), betas: ['context-management-2025-06-27'] }, { query: { beta: 'true' } }),
    );
    assert.equal(seen[0]!.url, '/v1/messages?beta=true');
    assert.match(String(seen[0]!.headers['anthropic-beta']), /context-management-2025-06-27/);
  });

  test('the models it may use', async () => {
    const models = await Array.fromAsync(anthropic.models.list());
    const opus = models.find(({ id }) => id === 'claude-opus-5-5')!;
    assert.equal(opus.type, 'model');
    assert.equal((await anthropic.models.retrieve('claude-opus-5-5')).id, 'claude-opus-5-5');
  });

  test('an app prefix and metadata attribute the call; account and device ids are hashed', async () => {
    const model = 'claude-opus-5-5';
    const attributed = new Anthropic({ apiKey: 'sk-ant', baseURL: `${stand.url}/c/agent`, maxRetries: 0 });
    const user_id = JSON.stringify({ device_id: 'device-1', account_uuid: 'account-1', session_id: 'session-1' });
    const user = `sha256:${createHash('sha256').update('account-1').digest('hex').slice(0, 16)}`;
    const labels = { app: 'agent', session: 'session-1', user };
    const { records } = await metered(stand, { api: 'anthropic.messages', model, client, labels }, () =>
      attributed.messages.create({ ...hello(model), metadata: { user_id } }),
    );
    assert.doesNotMatch(JSON.stringify(records), /device-1|account-1/);
  });

  test('an error of the gateway has the shape the SDK knows', async () => {
    await assert.rejects(anthropic.messages.countTokens(hello('gpt-5-mini')), (error) => {
      assert.ok(error instanceof Anthropic.NotFoundError);
      assert.equal(error.type, 'not_found_error');
      assert.match(error.message, /speaks the openai API/);
      return true;
    });
  });
});

suite('Anthropic credentials without a key of the gateway', () => {
  const shared = sharedStand({ apiKey: undefined });

  test('an API key goes on as the SDK sends it: as Bearer', async () => {
    const stand = shared();
    const model = 'claude-opus-5-5';
    const anthropic = new Anthropic({ apiKey: 'sk-ant-own', baseURL: stand.url });
    const { seen } = await metered(stand, { api: 'anthropic.messages', model, client }, () => anthropic.messages.create(hello(model)));
    assert.deepEqual([seen[0]!.headers['authorization'], seen[0]!.headers['x-api-key']], ['Bearer sk-ant-own', undefined]);
  });

  test('a login token goes on', async () => {
    const stand = shared();
    const model = 'claude-opus-5-5';
    const anthropic = new Anthropic({ authToken: 'oauth-own', apiKey: null, baseURL: stand.url });
    const { seen } = await metered(stand, { api: 'anthropic.messages', model, client }, () => anthropic.messages.create(hello(model)));
    assert.equal(seen[0]!.headers['authorization'], 'Bearer oauth-own');
  });

  test('older clients: x-api-key and 2023-06-01, sampling parameters included', async () => {
    const stand = shared();
    const model = 'claude-haiku-4-5';
    const headers = { 'content-type': 'application/json', 'x-api-key': 'sk-raw', 'anthropic-version': '2023-06-01', 'user-agent': 'raw/1' };
    const { answer, seen } = await metered(stand, { api: 'anthropic.messages', model, client: /^raw$/ }, async () => {
      const body = JSON.stringify({ ...hello(model), temperature: 0.5 });
      const response = await fetch(`${stand.url}/v1/messages`, { method: 'POST', headers, body });
      return (await response.json()) as Anthropic.Message;
    });
    assert.match(text(answer), emulated);
    assert.deepEqual([seen[0]!.headers['x-api-key'], seen[0]!.headers['anthropic-version']], ['sk-raw', '2023-06-01']);
  });
});

test('prompt caches are apart by credential, as at the vendor', async (t) => {
  const stand = await startStand(t, { apiKey: undefined });
  const model = 'claude-sonnet-5-5';
  const system = [{ type: 'text' as const, text: 'a shared preamble. '.repeat(400), cache_control: { type: 'ephemeral' as const } }];
  const { records } = await metered(stand, { api: 'anthropic.messages', model, calls: 2, client }, async () => {
    for (const apiKey of ['sk-one', 'sk-two'])
      await new Anthropic({ apiKey, baseURL: stand.url }).messages.create({ ...hello(model), system });
  });
  assert.deepEqual(
    records.map(({ buckets }) => buckets.cacheRead ?? 0),
    [0, 0],
  );
});
