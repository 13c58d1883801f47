import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { AlertMessage } from '../src/alerts/message.ts';
import { signatureOf } from '../src/alerts/channels/webhook.ts';
import { ran } from '../src/cli/testing.ts';
import type { AlertsAnswer } from '../src/compose/alerts.ts';
import { sendJson } from './client.ts';
import { startStand, until, type Cleanup } from './harness.ts';

const secret = 'a-secret-of-sixteen';

/** Takes messages, and counts those that are signed rightly. */
async function startHook(t: Cleanup) {
  const got: AlertMessage[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const timestamp = String(request.headers['x-modicum-timestamp']);
      if (request.headers['x-modicum-signature'] === signatureOf(secret, timestamp, body)) got.push(JSON.parse(body) as AlertMessage);
      response.writeHead(204, { connection: 'close' }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function api(url: string, method: string, path: string, body?: object): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, json: response.status === 204 ? undefined : await response.json() };
}

const ask = (url: string, model: string, headers = {}) =>
  sendJson(`${url}/v1/chat/completions`, { model, messages: [{ role: 'user', content: 'hello' }] }, headers);

test('a limit on calls, an unpriced model and a mark of a budget reach the webhook, once each', async (t) => {
  const { got, url: hook } = await startHook(t);
  const stand = await startStand(t, {
    config: {
      models: { mystery: { provider: 'openai', model: 'a-model-nobody-priced' } },
      budgets: [{ name: 'small', limit: { tokens: 20 }, action: 'notify' }],
      channels: { ops: { type: 'webhook', url: hook, secret } },
      alerting: { intervalMs: 5000 },
      alerts: [
        { name: 'busy', when: { query: { measures: ['calls'], filters: [{ dimension: 'app', values: ['a'] }] }, above: 1 }, to: ['ops'] },
        { name: 'unpriced', when: { event: 'newUnpricedModel' }, to: ['ops'], severity: 'critical' },
        { name: 'budget', when: { budget: { name: 'small', at: [70] } }, to: ['ops'] },
      ],
    },
  });
  for (let count = 0; count < 2; count += 1) await ask(stand.url, 'gpt-5-mini', { 'x-modicum-app': 'a' });
  await ask(stand.url, 'mystery');
  await ask(stand.url, 'mystery');
  await until(() => got.length >= 3, () => `three messages, not ${JSON.stringify(got)}`); // prettier-ignore
  const byAlert = new Map(got.map((message) => [message.alert, message]));
  assert.deepEqual([got.length, byAlert.size], [3, 3]);
  assert.equal(byAlert.get('busy')!.text, 'The calls in the last 1h is 2, above the limit of 1.');
  assert.match(byAlert.get('busy')!.link!, /^http:\/\/127\.0\.0\.1:\d+\/ui\/explore\?measure=calls&f=app%3Aa$/);
  assert.match(byAlert.get('unpriced')!.subject, /^model=openai\/a-model-nobody-priced$/);
  assert.match(byAlert.get('budget')!.text, /^Budget "small" has passed \d+ %: /);
  const { json } = await api(stand.url, 'GET', '/api/alerts/history');
  const { messages } = json as { readonly messages: readonly AlertMessage[] };
  assert.ok(got.every(({ id }) => messages.some((message) => message.id === id)));
});

test('the admin API makes, tries, silences and removes alerts; the command line shows them', async (t) => {
  const { got, url: hook } = await startHook(t);
  const stand = await startStand(t, {
    config: {
      channels: { ops: { type: 'webhook', url: hook, secret }, gone: { type: 'slack', url: 'http://127.0.0.1:1/hooks/very-secret' } },
      alerts: [{ name: 'fixed', when: { event: 'loop' } }],
    },
  });
  const spend = {
    name: 'spend',
    when: { query: { measures: ['costUsd'] }, over: '1h', anomaly: { sensitivity: 'high' } },
    to: ['ops', 'gone'],
  };
  const call = (method: string, path: string, body?: object) => api(stand.url, method, path, body);
  assert.equal((await call('POST', '/api/alerts', spend)).status, 201);
  for (const [body, says] of [
    [{ ...spend, to: ['nowhere'] }, /there is no channel "nowhere"/],
    [{ ...spend, name: 'fixed' }, /stands in the configuration/],
    [{ ...spend, when: { query: { measures: ['joy'] }, above: 1 } }, /there is no measure "joy"/],
    [{ ...spend, when: { query: { measures: ['calls'] }, over: '2h', anomaly: {} } }, /`over` is 1h or 1d/],
    [{ ...spend, when: { query: { measures: ['calls'] } } }, /must have one of above/],
  ] as const) {
    const { status, json } = await call('POST', '/api/alerts', body);
    assert.equal(status, 400);
    assert.match((json as { error: { message: string } }).error.message, says);
  }
  const { json: tried } = await call('POST', '/api/alerts/spend/test');
  assert.deepEqual(tried, { channels: [{ channel: 'ops', error: null }, { channel: 'gone', error: (tried as { channels: { error: string }[] }).channels[1]!.error }] }); // prettier-ignore
  assert.match(JSON.stringify(tried), /no connection/);
  assert.doesNotMatch(JSON.stringify(tried), /very-secret/);
  assert.deepEqual([got.length, got[0]!.kind], [1, 'test']);

  assert.equal((await call('POST', '/api/alerts/spend/silence', { for: '1w' })).status, 400);
  assert.equal((await call('POST', '/api/alerts/spend/silence', { for: '4h' })).status, 200);
  const list = async () => (await call('GET', '/api/alerts')).json as AlertsAnswer;
  const silencedUntil = async () => (await list()).alerts.find(({ name }) => name === 'spend')!.silencedUntil;
  assert.ok(await silencedUntil());
  await call('POST', '/api/alerts/spend/silence', { for: '0' });
  assert.equal(await silencedUntil(), null);

  const shown = await ran(['alerts', '--url', stand.url]);
  assert.match(shown.out, /spend +ok/);
  assert.match(shown.out, /new-unpriced-model/);
  assert.equal((await ran(['alerts', 'test', 'spend', '--url', stand.url])).code, 1);
  assert.match((await ran(['alerts', 'silence', 'fixed', '1h', '--url', stand.url])).out, /^fixed: silent until/);
  assert.equal((await ran(['alerts', 'history', '--url', stand.url])).out, 'Nothing was told yet.\n');

  assert.equal((await call('DELETE', '/api/alerts/fixed')).status, 400);
  assert.equal((await call('DELETE', '/api/alerts/spend')).status, 204);
  assert.equal((await call('POST', '/api/alerts/spend/test')).status, 404);
  const { json: config } = await call('GET', '/api/config');
  assert.doesNotMatch(JSON.stringify(config), /very-secret|a-secret-of-sixteen/);
});
