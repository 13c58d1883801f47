import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { newSecret } from '../src/keys/secret.ts';
import { maxAdminBodyBytes } from '../src/server/admin/body.ts';
import { maxFailures } from '../src/server/admin/attempts.ts';
import { adminToken, ask, asAdmin, makeKey } from './keyed.ts';
import { sharedStand, startStand } from './harness.ts';

const adminRoutes = [
  ['GET', '/api/status'],
  ['GET', '/api/keys'],
  ['POST', '/api/keys'],
  ['POST', '/api/keys/some/rotate'],
  ['POST', '/api/keys/some/revoke'],
  ['PATCH', '/api/keys/some'],
  ['GET', '/api/session'],
  ['POST', '/api/logout'],
  ['GET', '/api/budgets'],
  ['GET', '/api/budget-rules'],
  ['POST', '/api/budget-rules'],
  ['PATCH', '/api/budget-rules/some'],
  ['DELETE', '/api/limit-rules/some'],
  ['GET', '/api/savings'],
  ['POST', '/api/savings/prompt-cache/resume'],
  ['POST', '/api/query'],
  ['POST', '/api/queries'],
  ['GET', '/api/languages'],
  ['GET', '/api/calls'],
  ['GET', '/api/calls/some'],
  ['GET', '/api/sessions/some'],
  ['GET', '/api/tail'],
  ['GET', '/api/recommendations'],
  ['POST', '/api/feedback'],
  ['GET', '/api/no-such-route'],
] as const;

suite('the admin API with a token', () => {
  const stand = sharedStand({ config: { server: { adminToken, trustedProxies: ['127.0.0.1'] } } });
  const url = (): string => stand().url;

  for (const [index, [method, path]] of adminRoutes.entries())
    test(`${method} ${path} needs it`, async () => {
      const { secret } = await makeKey(url(), { name: `${method} ${path}`.replaceAll('/', '.') });
      const wrong: readonly Readonly<Record<string, string>>[] = [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: adminToken },
        { authorization: `Bearer ${secret}` },
        { 'x-api-key': adminToken },
        { cookie: `modicum_session=${'a'.repeat(43)}` },
      ];
      for (const headers of wrong) {
        const { status, json } = await ask(url(), { method, path, headers: { ...headers, 'x-forwarded-for': `192.0.2.${index}` } });
        assert.equal(status, 401, JSON.stringify(headers));
        assert.deepEqual(Object.keys(json ?? {}), ['error', 'requestId']);
      }
    });
});

suite('log-ins', () => {
  const stand = sharedStand({ config: { server: { adminToken } } });
  const url = (): string => stand().url;
  const login = async () => {
    const { status, headers, json } = await ask(url(), { method: 'POST', path: '/api/login', body: { token: adminToken } });
    assert.equal(status, 200);
    const set = headers['set-cookie']![0]!;
    return { set, cookie: set.split(';')[0]!, csrf: String(json!['csrf']) };
  };
  const makes = (headers: Readonly<Record<string, string>>, name: string) =>
    ask(url(), { method: 'POST', path: '/api/keys', headers, body: { name } });

  test('make a cookie that scripts and other sites do not get', async () => {
    const { set } = await login();
    assert.match(set, /^modicum_session=[\w-]{43}; Path=\/api; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const behindTls = await ask(url(), {
      method: 'POST',
      path: '/api/login',
      headers: { 'x-forwarded-proto': 'https' },
      body: { token: adminToken },
    });
    assert.match(behindTls.headers['set-cookie']![0]!, /; Secure$/);
  });

  test('read by the cookie alone, and change only with its csrf value, from the same origin', async () => {
    const { cookie, csrf } = await login();
    assert.equal((await ask(url(), { method: 'GET', path: '/api/keys', headers: { cookie } })).status, 200);
    assert.equal((await makes({ cookie }, 'a')).status, 403);
    assert.equal((await makes({ cookie, 'x-modicum-csrf': 'wrong' }, 'a')).status, 403);
    assert.equal((await makes({ cookie, 'x-modicum-csrf': csrf, origin: 'https://evil.example' }, 'a')).status, 403);
    assert.equal((await makes({ cookie, 'x-modicum-csrf': csrf, 'sec-fetch-site': 'cross-site' }, 'a')).status, 403);
    assert.equal((await makes({ cookie, 'x-modicum-csrf': csrf, origin: url(), 'sec-fetch-site': 'same-origin' }, 'a')).status, 201);
  });

  test('end when they are logged out, and the session tells its csrf value until then', async () => {
    const { cookie, csrf } = await login();
    const session = await ask(url(), { method: 'GET', path: '/api/session', headers: { cookie } });
    assert.equal(session.json!['csrf'], csrf);
    const out = await ask(url(), { method: 'POST', path: '/api/logout', headers: { cookie, 'x-modicum-csrf': csrf } });
    assert.equal(out.status, 204);
    assert.equal((await ask(url(), { method: 'GET', path: '/api/keys', headers: { cookie } })).status, 401);
  });

  test(`wait after ${maxFailures} failures, with the right token too`, async (t) => {
    const { url } = await startStand(t, { config: { server: { adminToken } } });
    const attempt = (token: string) => ask(url, { method: 'POST', path: '/api/login', body: { token } });
    for (let count = 0; count < maxFailures; count += 1) assert.equal((await attempt('wrong')).status, 401);
    const refused = await attempt(adminToken);
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal((await asAdmin(url, 'GET', '/api/keys')).status, 429, 'the bearer token is no way round');
  });
});

suite('the admin API without a token', () => {
  const stand = sharedStand();
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await ask(stand().url, { method: 'GET', path: '/api/status', headers })).status;

  test('is open to this machine, and to no page, name or proxy of elsewhere', async () => {
    assert.equal(await status({}), 200);
    assert.equal(await status({ host: 'localhost:4000' }), 200);
    assert.equal(await status({ host: 'rebound.example' }), 403);
    assert.equal(await status({ origin: 'https://evil.example' }), 403);
    assert.equal(await status({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await status({ 'x-forwarded-for': '203.0.113.9' }), 401);
  });

  test('is closed where the gateway listens for others', async (t) => {
    const { url } = await startStand(t, { config: { server: { host: '0.0.0.0', allowUnauthenticated: true } } });
    const answer = await ask(url.replace('0.0.0.0', '127.0.0.1'), { method: 'GET', path: '/api/keys' });
    assert.equal(answer.status, 401);
    assert.match(answer.text, /server\.adminToken/);
  });
});

suite('keys by the admin API', () => {
  const stand = sharedStand({ config: { server: { adminToken } } });
  const url = (): string => stand().url;

  test('show the secret once, and never a hash', async () => {
    const { secret, key } = await makeKey(url(), { name: 'shown', scopes: { models: ['gpt-5*'] } });
    assert.match(secret, /^mod-[0-9A-Za-z]{49}$/);
    assert.equal(key.hint, secret.slice(-4));
    const { text } = await asAdmin(url(), 'GET', '/api/keys');
    assert.doesNotMatch(text, new RegExp(`${secret}|"hash"|"former"`));
  });

  test('change with the very next request', async () => {
    const { secret } = await makeKey(url(), { name: 'changing' });
    const lists = async () => (await ask(url(), { method: 'GET', path: '/v1/models', headers: { 'x-api-key': secret } })).status;
    assert.equal(await lists(), 200);
    await asAdmin(url(), 'PATCH', '/api/keys/changing', { scopes: { networks: ['10.0.0.0/8'] } });
    assert.equal(await lists(), 403);
    await asAdmin(url(), 'PATCH', '/api/keys/changing', { scopes: {}, expiresAt: 1 });
    assert.equal(await lists(), 401);
    await asAdmin(url(), 'PATCH', '/api/keys/changing', { expiresAt: null });
    assert.equal(await lists(), 200);
    await asAdmin(url(), 'POST', '/api/keys/changing/revoke');
    assert.equal(await lists(), 401);
  });

  const faults: readonly (readonly [string, string, unknown, number, string | undefined])[] = [
    ['POST', '/api/keys', {}, 400, 'name'],
    ['POST', '/api/keys', { name: '' }, 400, 'name'],
    ['POST', '/api/keys', { name: newSecret() }, 400, 'name'],
    ['POST', '/api/keys', { name: 'x', scope: {} }, 400, undefined],
    ['POST', '/api/keys', { name: 'x', scopes: { networks: ['nope'] } }, 400, 'scopes.networks.0'],
    ['POST', '/api/keys', { name: 'x', scopes: { networks: ['10.0.0.0/33'] } }, 400, 'scopes.networks.0'],
    ['POST', '/api/keys', { name: 'x', scopes: { models: [] } }, 400, 'scopes.models'],
    ['POST', '/api/keys', { name: 'x', budget: { usd: '1e3' } }, 400, 'budget.usd'],
    ['POST', '/api/keys', { name: 'x', expiresAt: 'soon' }, 400, 'expiresAt'],
    ['POST', '/api/keys/none/rotate', { overlapMs: -1 }, 400, 'overlapMs'],
    ['POST', '/api/keys/none/revoke', undefined, 404, 'key'],
    ['DELETE', '/api/keys', undefined, 405, undefined],
    ['GET', '/api/keys/a/b/c', undefined, 404, undefined],
  ];
  for (const [method, path, body, status, field] of faults)
    test(`${method} ${path} ${JSON.stringify(body)?.replace(/mod-\w+/, 'SECRET')} is refused with ${status}, at ${field}`, async () => {
      const answer = await asAdmin(url(), method, path, body);
      assert.equal(answer.status, status, answer.text);
      assert.equal((answer.json!['error'] as { field?: string }).field, field);
    });

  test('two keys do not have one name', async () => {
    await makeKey(url(), { name: 'twin' });
    const answer = await asAdmin(url(), 'POST', '/api/keys', { name: 'twin' });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /another key has the name/);
  });

  test('a body of another type, or over the limit, is not read', async () => {
    const form = await asAdmin(url(), 'POST', '/api/keys', { name: 'form' }, { 'content-type': 'text/plain' });
    assert.equal(form.status, 400);
    const large = await asAdmin(url(), 'POST', '/api/keys', { name: 'x'.repeat(maxAdminBodyBytes) });
    assert.equal(large.status, 413);
  });
});
