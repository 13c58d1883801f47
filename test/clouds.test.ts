import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { dialectOf } from '../src/catalog/dialects.ts';
import { emulatorCredentials } from '../src/emulator/clouds/check.ts';
import { assertSameAsBill, filled, startStand, type Cleanup, type ProviderSpec, type Stand, type StandOptions } from './harness.ts';

const [accessKeyId, secretAccessKey] = Object.entries(emulatorCredentials.awsSecrets)[0]!;
const awsKeys = { accessKeyId, secretAccessKey };
const aws = { prices: 'aws', dialect: dialectOf('aws') } as const;
const signed = { hosting: 'cloud', auth: 'aws-sigv4', region: 'us-east-1' } as const;
const vertex = (url: string, apiKey: string): ProviderSpec => ({
  name: 'vertex-claude',
  protocol: 'anthropic',
  baseUrl: `${url}/v1/projects/p/locations/europe-west1`,
  apiKey,
  prices: 'google',
  cloud: { hosting: 'cloud', auth: 'bearer', paths: 'vertex' },
});
const invoke = (url: string, secret = secretAccessKey): ProviderSpec => ({
  ...aws,
  name: 'bedrock-claude',
  protocol: 'anthropic',
  baseUrl: url,
  cloud: { ...signed, paths: 'bedrock-invoke', awsKeys: { accessKeyId, secretAccessKey: secret } },
});

const withProvider = (t: Cleanup, provider: (url: string) => ProviderSpec, more: StandOptions = {}): Promise<Stand> =>
  startStand(t, { ...more, more: (url) => [provider(url)] });
const clientOf = ({ url }: Stand, headers: Readonly<Record<string, string>> = {}) =>
  new Anthropic({ baseURL: url, apiKey: 'of-the-client', maxRetries: 0, defaultHeaders: headers });
const hello = (model: string) => ({ model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] });

/** Bodies as they reach the emulator. */
function bodiesOf(stand: Stand): readonly string[] {
  const bodies: string[] = [];
  stand.emulator.server.prependListener('request', (request) => {
    const read = request[Symbol.asyncIterator].bind(request);
    request[Symbol.asyncIterator] = async function* seen() {
      const chunks: Buffer[] = [];
      for await (const chunk of read()) {
        chunks.push(chunk as Buffer);
        yield chunk;
      }
      bodies.push(Buffer.concat(chunks).toString('utf8'));
      return undefined;
    };
  });
  return bodies;
}

test('Claude on Vertex: the model in the path, the version in the body, every other byte as it came', async (t) => {
  const stand = await withProvider(t, (url) => vertex(url, emulatorCredentials.googleTokens[0]!));
  const bodies = bodiesOf(stand);
  const body = '{ "model":"vertex-claude/claude-sonnet-5-5" , "max_tokens": 50,"messages":[{"role":"user","content":"Hello \\u00fc"}]}';
  const headers = { 'x-api-key': 'of-the-client', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a-1' };
  const reply = await fetch(`${stand.url}/v1/messages`, { method: 'POST', headers, body });
  assert.equal(reply.status, 200);
  await reply.text();
  const [seen] = stand.seen;
  assert.equal(seen!.url, '/v1/projects/p/locations/europe-west1/publishers/anthropic/models/claude-sonnet-5-5:rawPredict');
  assert.deepEqual(
    ['authorization', 'x-api-key', 'anthropic-version', 'anthropic-beta'].map((name) => seen!.headers[name]),
    [`Bearer ${emulatorCredentials.googleTokens[0]}`, undefined, undefined, 'a-1'],
  );
  assert.deepEqual(bodies, [
    '{ "max_tokens": 50,"messages":[{"role":"user","content":"Hello \\u00fc"}],"anthropic_version":"vertex-2023-10-16"}',
  ]);
  const [record] = await stand.records(1);
  assertSameAsBill([record!], stand.emulator.bill());
  assert.deepEqual([record!.hosting, record!.provider], ['cloud', 'vertex-claude']);
});

test("Claude on Vertex counts tokens at the cloud's own path", async (t) => {
  const stand = await withProvider(t, (url) => vertex(url, emulatorCredentials.googleTokens[0]!));
  const { max_tokens: _, ...question } = hello('vertex-claude/claude-sonnet-5-5');
  const { input_tokens: tokens } = await clientOf(stand).messages.countTokens(question);
  assert.ok(tokens > 0);
  assert.match(stand.seen[0]!.url, /\/publishers\/anthropic\/models\/count-tokens:rawPredict$/);
});

test('InvokeModel: model and stream leave the body, betas enter it, the stream is what the SDK expects', async (t) => {
  const stand = await withProvider(t, (url) => invoke(url));
  const bodies = bodiesOf(stand);
  const model = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
  const client = clientOf(stand, { 'anthropic-beta': 'a-1, b-2' });
  const message = await client.messages.stream(hello(`bedrock-claude/${model}`)).finalMessage();
  assert.deepEqual([message.model, message.stop_reason], ['claude-haiku-4-5-20251001', 'end_turn']);
  assert.equal(stand.seen[0]!.url, `/model/${encodeURIComponent(model)}/invoke-with-response-stream`);
  assert.equal(stand.seen[0]!.headers['anthropic-beta'], undefined);
  assert.deepEqual(JSON.parse(bodies[0]!), {
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Hello' }],
    anthropic_version: 'bedrock-2023-05-31',
    anthropic_beta: ['a-1', 'b-2'],
  });
});

test('the profile that was asked for makes the price: a region costs more than the world', async (t) => {
  const stand = await withProvider(t, (url) => invoke(url));
  for (const region of ['us', 'global'])
    await clientOf(stand).messages.create(hello(`bedrock-claude/${region}.anthropic.claude-haiku-4-5-20251001-v1:0`));
  const records = await stand.records(2);
  assertSameAsBill(records, stand.emulator.bill());
  assert.deepEqual(filled(records[0]!.buckets), filled(records[1]!.buckets));
  assert.ok(records[0]!.cost.total! > records[1]!.cost.total!);
});

type Refusal = readonly [name: string, provider: (url: string) => ProviderSpec, model: string, status: number, says: RegExp];
const refusals: readonly Refusal[] = [
  [
    'Vertex refuses the token',
    (url) => vertex(url, 'wrong'),
    'vertex-claude/claude-sonnet-5-5',
    401,
    /authentication_error.*OAuth 2 access token/,
  ],
  [
    'Bedrock refuses the signature',
    (url) => invoke(url, 'wrong'),
    'bedrock-claude/anthropic.claude-x',
    403,
    /permission_error.*does not match/,
  ],
  [
    'Bedrock refuses the API key',
    (url) => ({ ...aws, name: 'bedrock', protocol: 'bedrock', baseUrl: url, apiKey: 'wrong', cloud: { hosting: 'cloud' } }),
    'bedrock/amazon.nova-lite-v1:0',
    403,
    /permission_error.*API key is not valid/,
  ],
];
for (const [name, provider, model, expected, says] of refusals)
  test(`${name}: the client sees it in its own vendor's shape, and nothing is billed`, async (t) => {
    const stand = await withProvider(t, provider);
    await assert.rejects(clientOf(stand).messages.create(hello(model)), (error) => {
      assert.ok(error instanceof Anthropic.APIError);
      assert.equal(error.status, expected);
      assert.match(JSON.stringify(error.error), says);
      return true;
    });
    const [record] = await stand.records(1);
    assert.deepEqual([record!.cost.total, stand.emulator.bill().calls.length], [0, 0]);
  });

test("Bedrock with an API key serves a model that is nobody's own API", async (t) => {
  const stand = await withProvider(t, (url) => ({
    ...aws,
    name: 'bedrock',
    protocol: 'bedrock',
    baseUrl: url,
    apiKey: emulatorCredentials.awsTokens[0]!,
    cloud: { hosting: 'cloud' },
  }));
  const message = await clientOf(stand).messages.create(hello('bedrock/meta.llama4-scout-17b-instruct-v1:0'));
  assert.equal(message.content[0]?.type, 'text');
  assertSameAsBill(await stand.records(1), stand.emulator.bill());
});

test('no credentials: the call fails before anything leaves, and says what is missing', async (t) => {
  const provider = (url: string): ProviderSpec => {
    const spec = invoke(url);
    return { ...spec, cloud: { ...spec.cloud!, auth: 'google-oauth', googleKeyFile: '/nowhere/key.json' } };
  };
  const stand = await withProvider(t, provider);
  await assert.rejects(clientOf(stand).messages.create(hello('bedrock-claude/anthropic.claude-x')), (error) => {
    assert.ok(error instanceof Anthropic.APIError);
    assert.deepEqual([error.status, error.headers?.get('x-should-retry')], [502, 'false']);
    assert.match(error.message, /no credentials of Google Cloud/);
    assert.doesNotMatch(error.message, /nowhere/, 'the file stays inside');
    return true;
  });
  assert.equal(stand.seen.length, 0);
});

test('where credentials cannot be had the next place serves', async (t) => {
  const broken = (url: string): ProviderSpec => {
    const spec = vertex(url, 'unused');
    const { apiKey: _, ...unkeyed } = spec;
    return { ...unkeyed, cloud: { ...spec.cloud!, auth: 'google-oauth', googleKeyFile: '/nowhere/key.json' } };
  };
  const stand = await startStand(t, {
    more: (url) => [broken(url), invoke(url)],
    config: {
      models: {
        claude: {
          targets: [
            { provider: 'vertex-claude', model: 'claude-sonnet-5-5' },
            { provider: 'bedrock-claude', model: 'anthropic.claude-opus-4-6-v1' },
          ],
        },
      },
    },
  });
  const message = await clientOf(stand).messages.create(hello('claude'));
  assert.equal(message.model, 'claude-opus-4-6');
  const [record] = await stand.records(1);
  assert.deepEqual([record!.provider, stand.seen.length, stand.emulator.bill().calls.length], ['bedrock-claude', 1, 1]);
});

test('prompt caching through Converse: marks become cache points, reads and writes are billed as they are told', async (t) => {
  const stand = await withProvider(t, (url) => ({
    ...aws,
    name: 'bedrock',
    protocol: 'bedrock',
    baseUrl: url,
    cloud: { ...signed, awsKeys },
  }));
  const text = 'a long instruction that is worth keeping. '.repeat(600);
  const question = {
    ...hello('bedrock/us.anthropic.claude-opus-4-6-v1:0'),
    system: [{ type: 'text' as const, text, cache_control: { type: 'ephemeral' as const, ttl: '1h' as const } }],
  };
  const usages = [];
  for (let turn = 0; turn < 2; turn++) usages.push((await clientOf(stand).messages.create(question)).usage);
  const records = await stand.records(2);
  assertSameAsBill(records, stand.emulator.bill());
  assert.ok(records[0]!.buckets.cacheWrite1h! > 4000);
  assert.equal(records[1]!.buckets.cacheRead, records[0]!.buckets.cacheWrite1h);
  assert.equal(usages[1]!.cache_read_input_tokens, records[1]!.buckets.cacheRead);
});

test('a client that leaves a framed stream has it cancelled, and what came is booked', async (t) => {
  const stand = await withProvider(t, (url) => invoke(url), { emulator: { pacing: { betweenChunksMs: 5, chunkTokens: 1 } } });
  const stream = clientOf(stand).messages.stream({
    ...hello('bedrock-claude/anthropic.claude-opus-4-6-v1'),
    messages: [{ role: 'user', content: 'Tell me a long story' }],
  });
  stream.on('text', () => stream.abort());
  await assert.rejects(stream.finalMessage());
  const [record] = await stand.records(1);
  const [entry] = stand.emulator.bill().calls;
  assert.deepEqual([record!.outcome, entry!.complete], ['aborted', false]);
  assert.equal(record!.buckets.input, entry!.buckets.input);
});
