import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { routeOf } from './route.ts';
import { eventsOf, testRates, withEmulator } from './testing.ts';
import { acceptedEncoding } from './wire/outlet.ts';

const chat = { model: 'gpt-5', messages: [{ role: 'user', content: 'hello' }] };
type Chat = {
  readonly id: string;
  readonly model: string;
  readonly system_fingerprint: string;
  readonly choices: readonly [{ readonly message: { readonly content: string; readonly tool_calls?: readonly object[] } }];
};
const chatOf = async (response: Response): Promise<Chat> => (await response.json()) as Chat;

test('every reply says that it is an emulator, in header and body', () =>
  withEmulator({}, async ({ post }) => {
    const response = await post('/v1/chat/completions', chat);
    const body = await chatOf(response);
    assert.equal(response.headers.get('x-modicum-emulator'), '1');
    assert.equal(body.system_fingerprint, 'modicum-emulator');
    assert.match(body.id, /^chatcmpl-emu_/);
    assert.match(body.choices[0].message.content, /^\[emulator\] /);
    const anthropic = await post('/v1/messages', { ...chat, max_tokens: 5 });
    assert.match(((await anthropic.json()) as Chat).id, /^msg_emu_/);
    const google = await post('/v1/models/gemini-2.5-pro:generateContent', { contents: [{ parts: [{ text: 'x' }] }] });
    assert.match(((await google.json()) as { responseId: string }).responseId, /^emu_/);
    assert.equal((await post('/nowhere', {})).headers.get('x-modicum-emulator'), '1');
  }));

const routes: readonly (readonly [method: string, path: string, headers: Readonly<Record<string, string>>, route: object])[] = [
  ['POST', '/v1/chat/completions', {}, { kind: 'api', api: 'openai.chat', family: 'openai' }],
  ['POST', '/v1/messages', {}, { kind: 'api', api: 'anthropic.messages', family: 'anthropic' }],
  [
    'POST',
    '/v1beta/models/gemini-2.5-pro:streamGenerateContent',
    {},
    { api: 'google.generate_content', model: 'gemini-2.5-pro', stream: true },
  ],
  ['POST', '/v1/models/gemini-2.5-pro:countTokens', {}, { api: 'google.count_tokens', stream: false }],
  ['POST', '/v1/models/gemini-2.5-pro:explode', {}, { kind: 'none', family: 'google' }],
  ['GET', '/v1/models', {}, { kind: 'models', family: 'openai' }],
  ['GET', '/v1/models', { 'anthropic-version': '2023-06-01' }, { kind: 'models', family: 'anthropic' }],
  ['GET', '/v1/models', { 'x-goog-api-key': 'k' }, { kind: 'models', family: 'google' }],
  ['GET', '/v1beta/models/gemini-2.5-pro', {}, { kind: 'models', family: 'google', model: 'gemini-2.5-pro' }],
  ['DELETE', '/v1/messages', {}, { kind: 'none', family: 'anthropic' }],
];
for (const [method, path, headers, route] of routes)
  test(`${method} ${path} ${Object.keys(headers).join()} is ${JSON.stringify(route)}`, () => {
    assert.partialDeepStrictEqual(
      routeOf(method, path, (name) => headers[name]),
      route,
    );
  });

const refusals: readonly (readonly [
  what: string,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>>,
  status: number,
])[] = [
  ['no model', '/v1/chat/completions', { messages: chat.messages }, {}, 400],
  ['no messages', '/v1/chat/completions', { model: 'gpt-5', messages: [] }, {}, 400],
  ['too many choices', '/v1/chat/completions', { ...chat, n: 17 }, {}, 400],
  ['no max_tokens', '/v1/messages', chat, {}, 400],
  [
    'sampling under the version that refuses it',
    '/v1/messages',
    { ...chat, max_tokens: 5, temperature: 1 },
    { 'anthropic-version': '2026-10-21' },
    400,
  ],
  [
    'a short mark before a long one',
    '/v1/messages',
    {
      ...chat,
      max_tokens: 5,
      system: [
        { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
    },
    {},
    400,
  ],
  [
    'five marks',
    '/v1/messages',
    {
      ...chat,
      max_tokens: 5,
      system: Array.from({ length: 5 }, () => ({ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } })),
    },
    {},
    400,
  ],
  ['an unknown cache mode', '/v1/responses', { model: 'gpt-5.6-sol', input: 'x', prompt_cache_options: { mode: 'maybe' } }, {}, 400],
  ['no contents', '/v1/models/gemini-2.5-pro:generateContent', {}, {}, 400],
  ['too many dimensions', '/v1/embeddings', { model: 'text-embedding-3-small', input: 'x', dimensions: 4097 }, {}, 400],
  ['no such path', '/v1/nothing', {}, {}, 404],
  ['an unknown script', '/v1/chat/completions', chat, { 'x-emulator-script': 'unknown' }, 400],
  ['an unknown compression', '/v1/chat/completions', chat, { 'x-emulator-compress': 'zip' }, 400],
];
for (const [what, path, body, headers, status] of refusals)
  test(`refused with ${status}: ${what}`, () =>
    withEmulator({}, async ({ post, emulator }) => {
      const response = await post(path, body, headers);
      assert.equal(response.status, status);
      assert.match(JSON.stringify(await response.json()), /\[emulator\]/);
      assert.equal(emulator.bill().totals.calls, 0);
    }));

test('sampling is fine under an older version', () =>
  withEmulator({}, async ({ post }) => {
    assert.equal(
      (await post('/v1/messages', { ...chat, max_tokens: 5, temperature: 1 }, { 'anthropic-version': '2023-06-01' })).status,
      200,
    );
  }));

test('four marks, long before short, are fine', () =>
  withEmulator({}, async ({ post }) => {
    const mark = (ttl: string) => ({ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl } });
    assert.equal(
      (await post('/v1/messages', { ...chat, max_tokens: 5, system: [mark('1h'), mark('1h'), mark('5m'), mark('5m')] })).status,
      200,
    );
  }));

test('a body at the limit is read, one byte more is refused', async () => {
  const body = JSON.stringify(chat);
  for (const [bodyBytesMax, status] of [
    [body.length, 200],
    [body.length - 1, 413],
  ] as const)
    await withEmulator({ bodyBytesMax }, async ({ url }) => {
      assert.equal((await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })).status, status);
    });
});

test('invalid JSON and a list are refused', () =>
  withEmulator({}, async ({ url }) => {
    for (const body of ['{', '[]', '"x"']) assert.equal((await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })).status, 400);
  }));

const json = JSON.stringify(chat);
const encodings: readonly (readonly [encoding: string, body: Buffer, status: number])[] = [
  ['gzip', gzipSync(json), 200],
  ['br', brotliCompressSync(json), 200],
  ['zstd', zstdCompressSync(json), 200],
  ['identity', Buffer.from(json), 200],
  ['gzip', Buffer.from(json), 400],
  ['rot13', Buffer.from(json), 415],
];
for (const [encoding, body, status] of encodings)
  test(`a request body in ${encoding} is answered with ${status}`, () =>
    withEmulator({}, async ({ url }) => {
      const headers = { 'content-encoding': encoding };
      assert.equal((await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: new Uint8Array(body) })).status, status);
    }));

test('a small body that unpacks beyond the limit is refused', () =>
  withEmulator({ bodyBytesMax: 10_000 }, async ({ url }) => {
    const body = new Uint8Array(gzipSync(JSON.stringify({ ...chat, user: 'x'.repeat(20_000) })));
    assert.equal(
      (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body })).status,
      413,
    );
  }));

for (const encoding of ['gzip', 'br', 'zstd'])
  test(`replies in ${encoding}, whole and streamed`, () =>
    withEmulator({}, async ({ post }) => {
      for (const stream of [false, true]) {
        const response = await post('/v1/chat/completions', { ...chat, stream }, { 'x-emulator-compress': encoding });
        const text = await response.text();
        assert.equal(response.headers.get('content-encoding'), encoding);
        assert.ok(text.includes('[emulator]') || text.includes('[DONE]'));
      }
    }));

test('with compress on, accept-encoding decides; off, it does not', async () => {
  assert.equal(acceptedEncoding('gzip, br;q=0, deflate'), 'gzip');
  assert.equal(acceptedEncoding('identity'), undefined);
  for (const [compress, encoding] of [
    [true, 'gzip'],
    [false, null],
  ] as const)
    await withEmulator({ compress }, async ({ post }) => {
      const response = await post('/v1/chat/completions', chat, { 'accept-encoding': 'gzip' });
      assert.equal(response.headers.get('content-encoding'), encoding);
    });
});

test('a scripted reply is asked for by key, as often as wanted, or told in the header', () =>
  withEmulator({}, async ({ post, emulator }) => {
    emulator.script([{ key: 'one', reply: { content: 'first' } }]);
    await post('/__emulator/script', { key: 'two', reply: { content: null, tool_calls: [{ id: 'c', name: 'run', arguments: {} }] } });
    const said = async (headers: Record<string, string>): Promise<unknown> =>
      (await chatOf(await post('/v1/chat/completions', chat, headers))).choices[0].message;
    assert.partialDeepStrictEqual(await said({ 'x-emulator-script': 'one' }), { content: 'first' });
    assert.partialDeepStrictEqual(await said({ 'x-emulator-script': 'one' }), { content: 'first' });
    assert.partialDeepStrictEqual(await said({ 'x-emulator-script': 'two' }), { content: null, tool_calls: [{ id: 'c' }] });
    assert.partialDeepStrictEqual(await said({ 'x-emulator-reply': encodeURIComponent('{"content":"here"}') }), { content: 'here' });
    assert.equal((await post('/__emulator/script', { key: 'x' })).status, 400);
  }));

test('a header names the tool to call', () =>
  withEmulator({}, async ({ post }) => {
    const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }];
    const reply = await chatOf(await post('/v1/chat/completions', { ...chat, tools }, { 'x-emulator-tool': 'look_up' }));
    assert.equal(reply.choices[0].message.tool_calls!.length, 1);
  }));

test('the bill can be had over HTTP, and reset', () =>
  withEmulator({}, async ({ post, url, emulator }) => {
    await post('/v1/chat/completions', chat);
    const bill = (await (await fetch(`${url}/__emulator/bill`)).json()) as {
      totals: { calls: number; costNanoUsd: string };
      calls: readonly [{ responseId: string }];
    };
    assert.equal(bill.totals.calls, 1);
    assert.equal(bill.totals.costNanoUsd, emulator.bill().totals.costNanoUsd.toString());
    await post('/__emulator/reset', {});
    assert.equal(emulator.bill().totals.calls, 0);
  }));

test('an alias is what the reply names and the bill charges', () =>
  withEmulator({ aliases: { 'gpt-5': 'gpt-5-2025-08-07' } }, async ({ post, emulator }) => {
    assert.equal((await chatOf(await post('/v1/chat/completions', chat))).model, 'gpt-5-2025-08-07');
    assert.equal(emulator.bill().calls[0]!.model, 'gpt-5-2025-08-07');
  }));

test('an unknown model is served, at a cost nobody knows', () =>
  withEmulator({ rates: () => undefined }, async ({ post, emulator }) => {
    assert.equal((await post('/v1/chat/completions', { ...chat, model: 'nobody-1' })).status, 200);
    assert.equal(emulator.bill().calls[0]!.costNanoUsd, null);
  }));

test('Gemini streams one JSON list without alt=sse', () =>
  withEmulator({}, async ({ post }) => {
    const path = '/v1beta/models/gemini-2.5-pro:streamGenerateContent';
    const body = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] };
    const list = (await (await post(path, body)).json()) as readonly object[];
    const events = eventsOf(await (await post(`${path}?alt=sse`, body)).text());
    const bare = (chunk: object): object => ({ ...chunk, responseId: '' });
    assert.deepEqual(list.map(bare), events.map(bare));
  }));

test('pacing changes when, not what', () =>
  withEmulator({ pacing: { firstByteMs: 5, betweenChunksMs: 1, chunkTokens: 1 } }, async ({ post }) => {
    const paced = eventsOf(await (await post('/v1/chat/completions', { ...chat, stream: true })).text());
    assert.ok(paced.length > 20);
  }));

test('caches expire by the clock given', async () => {
  let now = Date.UTC(2026, 10, 25);
  await withEmulator({ now: () => now }, async ({ post }) => {
    const long = { model: 'gpt-5', messages: [{ role: 'user', content: 'word '.repeat(2000) }] };
    const cached = async (): Promise<number> =>
      ((await (await post('/v1/chat/completions', long)).json()) as { usage: { prompt_tokens_details: { cached_tokens: number } } }).usage
        .prompt_tokens_details.cached_tokens;
    assert.equal(await cached(), 0);
    assert.ok((await cached()) > 1024);
    now += 600_000;
    assert.equal(await cached(), 0);
  });
});

test('another credential sees nothing of a cache', () =>
  withEmulator({}, async ({ post, emulator }) => {
    const long = { model: 'gpt-5', messages: [{ role: 'user', content: 'word '.repeat(2000) }] };
    for (const key of ['a', 'a', 'b']) await post('/v1/chat/completions', long, { authorization: `Bearer ${key}` });
    assert.deepEqual(
      emulator.bill().calls.map(({ buckets }) => (buckets.cacheRead ?? 0) > 0),
      [false, true, false],
    );
  }));

test('a WebSocket upgrade is refused with 426, and HEAD /api/hello answered', () =>
  withEmulator({}, async ({ url }) => {
    assert.equal((await fetch(`${url}/api/hello`, { method: 'HEAD' })).status, 200);
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      const upgrade = request(`${url}/v1/responses`, { headers: { connection: 'Upgrade', upgrade: 'websocket' } }, (response) =>
        resolve(response.statusCode),
      );
      upgrade.end();
    });
    assert.equal(status, 426);
  }));

test('the test rates are what the bill multiplies', () =>
  withEmulator({}, async ({ post, emulator }) => {
    await post('/v1/completions', { model: 'm', prompt: 'hello', max_tokens: 4 });
    assert.deepEqual(testRates.output, '10');
    assert.equal(emulator.bill().totals.costNanoUsd, 1000n + 4n * 10_000n);
  }));
