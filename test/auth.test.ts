import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { newSecret } from '../src/keys/secret.ts';
import { adminToken, ask, asAdmin, makeKey, type Asked, type Made } from './keyed.ts';
import { sharedStand, startStand } from './harness.ts';

const chat = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] };
const messages = { model: 'claude-haiku-4-5', max_tokens: 16, messages: [{ role: 'user', content: 'Hello' }] };
const contents = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };

/** Every route that may cost money or tell something, and its model. */
const routes: readonly (Asked & { readonly expected?: number })[] = [
  { method: 'POST', path: '/v1/chat/completions', body: chat },
  { method: 'POST', path: '/v1/completions', body: { model: 'gpt-5-mini', prompt: 'Hello' } },
  { method: 'POST', path: '/v1/responses', body: { model: 'gpt-5-mini', input: 'Hello' } },
  { method: 'POST', path: '/v1/responses/input_tokens', body: { model: 'gpt-5-mini', input: 'Hello' } },
  { method: 'POST', path: '/v1/embeddings', body: { model: 'text-embedding-3-small', input: 'Hello' } },
  { method: 'POST', path: '/v1/messages', body: messages },
  { method: 'POST', path: '/v1/messages/count_tokens', body: messages },
  { method: 'POST', path: '/v1beta/models/gemini-2.5-flash:generateContent', body: contents },
  { method: 'POST', path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', body: contents },
  { method: 'POST', path: '/v1beta/models/gemini-2.5-flash:countTokens', body: contents },
  { method: 'POST', path: '/c/app/v1/chat/completions', body: chat },
  { method: 'GET', path: '/v1/models' },
  { method: 'HEAD', path: '/v1/models' },
  { method: 'GET', path: '/v1/models/gpt-5-mini' },
  { method: 'GET', path: '/v1beta/models' },
  { method: 'GET', path: '/v1/batches' },
  { method: 'GET', path: '/passthrough/openai/v1/models' },
  { method: 'POST', path: '/passthrough/openai/v1/chat/completions', body: chat },
  { method: 'GET', path: '/v1/responses', headers: { upgrade: 'websocket', connection: 'Upgrade' }, expected: 426 },
];
const nameOf = ({ method, path }: Asked): string => `${method} ${path}`;
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const withHeaders = (asked: Asked, headers: Readonly<Record<string, string>>): Asked => ({
  ...asked,
  headers: { ...asked.headers, ...headers },
});

suite('with keys', () => {
  const stand = sharedStand({ config: { server: { adminToken } } });
  const url = (): string => stand().url;
  let made: Promise<Readonly<Record<string, Made>>> | undefined;
  const keys = () => (made ??= makeAll());
  async function makeAll() {
    const all = {
      good: await makeKey(url(), { name: 'good', labels: { team: 'care', app: 'desk' } }),
      expired: await makeKey(url(), { name: 'expired', expiresAt: 1 }),
      revoked: await makeKey(url(), { name: 'revoked' }),
      replaced: await makeKey(url(), { name: 'replaced' }),
      overlapping: await makeKey(url(), { name: 'overlapping' }),
      elsewhere: await makeKey(url(), { name: 'elsewhere', scopes: { networks: ['10.0.0.0/8'] } }),
      noModel: await makeKey(url(), { name: 'no-model', scopes: { models: ['other-*'] } }),
      noProvider: await makeKey(url(), { name: 'no-provider', scopes: { providers: ['other'] } }),
      noApp: await makeKey(url(), { name: 'no-app', scopes: { apps: ['other'] } }),
      noFeature: await makeKey(url(), { name: 'no-feature', scopes: { features: ['other'] } }),
    };
    await asAdmin(url(), 'POST', '/api/keys/revoked/revoke');
    await asAdmin(url(), 'POST', '/api/keys/replaced/rotate', { overlapMs: 0 });
    await asAdmin(url(), 'POST', '/api/keys/overlapping/rotate', { overlapMs: 3_600_000 });
    return all;
  }

  for (const asked of routes) {
    const expected = asked.expected ?? 200;
    test(`${nameOf(asked)} lets in who has a key, and nobody else`, async () => {
      const { good, expired, revoked, replaced, overlapping, elsewhere } = (await keys()) as Record<string, Made>;
      const refusals: Readonly<Record<string, Readonly<Record<string, string>>>> = {
        'no key': {},
        'a key of a vendor': bearer('sk-of-a-vendor'),
        'a mistyped key': bearer(`${good!.secret.slice(0, -1)}#`),
        'an unknown key': bearer(newSecret()),
        'an expired key': bearer(expired!.secret),
        'a revoked key': bearer(revoked!.secret),
        'a former secret without overlap': bearer(replaced!.secret),
        'the admin token': bearer(adminToken),
        'a page of another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      };
      const before = stand().seen.length;
      for (const [what, headers] of Object.entries(refusals))
        assert.equal((await ask(url(), withHeaders(asked, headers))).status, 401, `${what} is refused`);
      assert.equal((await ask(url(), withHeaders(asked, bearer(elsewhere!.secret)))).status, 403, 'another network is refused');
      assert.equal(stand().seen.length, before, 'nothing reached the provider');
      for (const { secret } of [good!, overlapping!]) {
        const { status, text } = await ask(url(), withHeaders(asked, bearer(secret)));
        assert.equal(status, expected, text);
      }
    });
  }

  const calls = routes.filter(({ method, path }) => method === 'POST' && !path.startsWith('/passthrough'));
  for (const asked of calls) {
    test(`${nameOf(asked)} keeps to the scopes of the key`, async () => {
      const { noModel, noProvider, noApp, noFeature } = (await keys()) as Record<string, Made>;
      const before = stand().seen.length;
      for (const { key, secret } of [noModel!, noProvider!, noApp!, noFeature!]) {
        const { status, text } = await ask(url(), withHeaders(asked, bearer(secret)));
        assert.equal(status, 403, `${key.name}: ${text}`);
      }
      assert.equal(stand().seen.length, before, 'nothing reached the provider');
    });
  }

  test('what is passed on unread keeps to provider, app and feature, and a key for some models may not pass at all', async () => {
    const { noModel, noProvider, noApp, noFeature } = (await keys()) as Record<string, Made>;
    for (const { secret } of [noModel!, noProvider!, noApp!, noFeature!])
      for (const path of ['/passthrough/openai/v1/models', '/v1/batches'])
        assert.equal((await ask(url(), { method: 'GET', path, headers: bearer(secret) })).status, 403);
  });

  test('a label from the key counts for its scope, and team and user are what the key says', async () => {
    const { secret, key } = await makeKey(url(), {
      name: 'labelled',
      scopes: { apps: ['mine'] },
      labels: { app: 'mine', team: 'ours', user: 'u-1', feature: 'f' },
    });
    const headers = { ...bearer(secret), 'x-modicum-team': 'theirs', 'x-modicum-user': 'u-2', 'x-modicum-feature': 'g' };
    const count = (await stand().records(0)).length;
    assert.equal((await ask(url(), { method: 'POST', path: '/v1/chat/completions', headers, body: chat })).status, 200);
    const record = (await stand().records(count + 1)).findLast((one) => one.key === key.id)!;
    assert.deepEqual(
      { app: record.labels.app, team: record.labels.team, user: record.labels.user, feature: record.labels.feature },
      { app: 'mine', team: 'ours', user: 'u-1', feature: 'g' },
    );
    const other = await ask(url(), { method: 'POST', path: '/c/other/v1/chat/completions', headers, body: chat });
    assert.equal(other.status, 403);
  });

  test('a key comes in every form that clients use, and is never sent on', async () => {
    const { good } = (await keys()) as Record<string, Made>;
    const { secret } = good!;
    const forms: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ authorization: `Bearer ${secret}` }, ''],
      [{ authorization: `bearer  ${secret}` }, ''],
      [{ authorization: secret }, ''],
      [{ 'x-api-key': secret }, ''],
      [{ 'api-key': secret }, ''],
      [{ 'x-goog-api-key': secret }, ''],
      [{ 'x-modicum-key': secret }, ''],
      [{}, `&key=${secret}`],
      [{}, `&key=mod%2D${secret.slice(4)}`],
      [{ authorization: `Bearer ${secret}`, 'x-api-key': secret }, `&key=${secret}`],
    ];
    for (const [headers, query] of forms)
      for (const [path, body] of [
        ['/v1/chat/completions', chat],
        ['/v1beta/models/gemini-2.5-flash:generateContent', contents],
        ['/passthrough/openai/v1/chat/completions', chat],
      ] as const)
        assert.equal(
          (await ask(url(), { method: 'POST', path: `${path}?a=1${query}`, headers, body })).status,
          200,
          JSON.stringify(headers),
        );
    const sent = JSON.stringify(stand().seen.map(({ url, rawHeaders }) => [url, rawHeaders]));
    assert.match(sent, /sk-of-the-gateway/);
    assert.doesNotMatch(sent, /mod(-|%2D)/i);
    const recorded = JSON.stringify(await stand().records(1));
    assert.doesNotMatch(recorded, /mod-[0-9A-Za-z]{20}/);
  });

  test('models are listed as far as the key is for them', async () => {
    const { secret } = await makeKey(url(), { name: 'minis', scopes: { models: ['gpt-5-mini', 'anthropic/*'] } });
    const { json } = await ask(url(), { method: 'GET', path: '/v1/models', headers: bearer(secret) });
    const ids = (json as unknown as { data: { id: string }[] }).data.map(({ id }) => id);
    assert.ok(ids.includes('gpt-5-mini') && ids.some((id) => id.startsWith('claude-')));
    assert.ok(
      ids.every((id) => id === 'gpt-5-mini' || id.startsWith('claude-')),
      ids.join(' '),
    );
    assert.equal((await ask(url(), { method: 'GET', path: '/v1/models/gpt-5', headers: bearer(secret) })).status, 404);
  });

  for (const path of [
    '/c/x/../v1/chat/completions',
    '/c/x//v1/chat/completions',
    '//v1/chat/completions',
    '/v1//chat/completions',
    '/V1/chat/completions',
    '/v1/chat/completions/',
    '/v1%2Fchat%2Fcompletions',
    '/c/x%2F..%2Fy/v1/../v1/chat/completions',
    '/./v1/chat/completions',
    '/healthz/../v1/chat/completions',
    '/api/hello/../../v1/chat/completions',
    '/api/../v1/chat/completions',
    'http://127.0.0.1/v1/chat/completions',
    '/api/keys/../keys',
    '/api//keys',
    '/c/x/api/keys',
    '/c/x/../api/keys',
    '/%61pi/keys',
    '/API/keys',
  ])
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'TRACE'])
      test(`${method} ${path} is no way round the key`, async () => {
        const before = stand().seen.length;
        await keys();
        const { status } = await ask(url(), { method, path, ...(method === 'POST' && { body: chat }) });
        assert.ok(status >= 400 && status < 500, String(status));
        assert.equal(stand().seen.length, before, 'nothing reached the provider');
      });
});

test('a fallback that the key is not for is not asked, and nothing but the fallback is taken away', async (t) => {
  const stand = await startStand(t, {
    emulator: { faults: () => 'status-500' },
    config: {
      server: { adminToken },
      models: { main: { provider: 'openai', model: 'gpt-5-mini', fallbacks: ['anthropic/claude-haiku-4-5'] } },
      resilience: { maxAttempts: 2 },
    },
  });
  const post = (secret: string) =>
    ask(stand.url, { method: 'POST', path: '/v1/chat/completions', headers: bearer(secret), body: { ...chat, model: 'main' } });
  const narrow = await makeKey(stand.url, { name: 'narrow', scopes: { models: ['main'] } });
  assert.ok((await post(narrow.secret)).status >= 500);
  assert.ok(stand.seen.length > 0 && stand.seen.every(({ url }) => !url.includes('messages')), 'only the target was asked');
  const wide = await makeKey(stand.url, { name: 'wide', scopes: { models: ['main', 'claude-*'] } });
  assert.ok((await post(wide.secret)).status >= 500);
  assert.ok(
    stand.seen.some(({ url }) => url.includes('messages')),
    'the fallback was asked',
  );
});

suite('providers without a key of their own', () => {
  const stand = sharedStand({
    apiKey: undefined,
    config: { server: { adminToken } },
    more: (baseUrl) => [{ name: 'vendor', protocol: 'anthropic', baseUrl, cloud: { hosting: 'api' } }],
  });
  const post = (headers: Readonly<Record<string, string>>, provider = 'vendor') =>
    ask(stand().url, { method: 'POST', path: '/v1/messages', headers, body: { ...messages, model: `${provider}/claude-haiku-4-5` } });

  test('refuse a virtual key alone, and take the credential that the client sends beside it', async () => {
    const { secret } = await makeKey(stand().url, { name: 'login' });
    const refused = await post({ 'x-api-key': secret });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /vendor.*x-modicum-key/);
    assert.equal(stand().seen.length, 0);
    assert.equal((await post({ 'x-modicum-key': secret, authorization: 'Bearer of-a-subscription' })).status, 200);
    assert.equal((await post({ 'x-api-key': secret, authorization: 'Bearer of-a-subscription' })).status, 200);
    for (const { headers } of stand().seen) {
      assert.equal(headers['authorization'], 'Bearer of-a-subscription');
      assert.equal(headers['x-api-key'], undefined);
      assert.equal(headers['x-modicum-key'], undefined);
    }
    assert.equal((await post({ 'x-api-key': secret }, 'anthropic')).status, 200, 'a server of our own asks for none');
  });
});

test('behind a trusted proxy the network of the client counts, and nobody else says what it is', async (t) => {
  const stand = await startStand(t, { config: { server: { adminToken, trustedProxies: ['127.0.0.1'] } } });
  const { secret } = await makeKey(stand.url, { name: 'office', scopes: { networks: ['10.0.0.0/8'] } });
  const from = async (forwarded: string) =>
    (await ask(stand.url, { method: 'GET', path: '/v1/models', headers: { ...bearer(secret), 'x-forwarded-for': forwarded } })).status;
  assert.equal(await from('10.1.2.3'), 200);
  assert.equal(await from('203.0.113.9'), 403);
  assert.equal(await from('10.1.2.3, 203.0.113.9'), 403, 'the client wrote the first one itself');
  assert.equal(await from('203.0.113.9, 10.1.2.3'), 200);
});

suite('without keys', () => {
  const stand = sharedStand();

  test('loopback is open, but not to pages of other sites, and not to keys that nobody made', async () => {
    const post = (headers: Readonly<Record<string, string>>) =>
      ask(stand().url, { method: 'POST', path: '/v1/chat/completions', headers, body: chat });
    assert.equal((await post({})).status, 200);
    assert.equal((await post({ origin: 'http://localhost:3000' })).status, 200);
    assert.equal((await post({ origin: 'https://evil.example' })).status, 403);
    assert.equal((await post(bearer(newSecret()))).status, 401);
  });
});

for (const [what, server] of [
  ['another address', { host: '0.0.0.0', adminToken }],
  ['loopback with keys.required', {}],
] as const)
  test(`${what}, and no keys yet: calls are refused with what to do`, async (t) => {
    const stand = await startStand(t, { config: { server, ...('host' in server ? {} : { keys: { required: true } }) } });
    const { status, text } = await ask(stand.url.replace('0.0.0.0', '127.0.0.1'), {
      method: 'POST',
      path: '/v1/chat/completions',
      body: chat,
    });
    assert.equal(status, 401);
    assert.match(text, /modicum keys create/);
    assert.equal(stand.seen.length, 0);
  });
