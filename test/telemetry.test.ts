import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { ConfigInput } from '../src/config/schema.ts';
import type { FaultName } from '../src/emulator/faults.ts';
import { filled, startGateway, startStand, until } from './harness.ts';
import { application, carried, ask, startReceiver, exporting } from './telemetry.ts';

describe('what is exported', () => {
  for (const protocol of ['http/protobuf', 'http/json'] as const)
    test(`${protocol}: spans below the client's, equal to the ledger; the provider gets our span as its parent`, async (t) => {
      const receiver = await startReceiver(t);
      const stand = await startStand(t, { config: exporting(receiver.url, { protocol, headers: { 'x-receiver-key': 'k' } }) });
      const app = application(t);
      const { span, inside } = app.span('work');
      await ask(stand.url, { ...carried(inside), tracestate: 'a=b', 'x-modicum-user': 'u7' });
      span.end();
      await until(() => receiver.spans().length >= 2, 'spans');
      const [record] = await stand.records(1);
      const [whole, attempt] = receiver.spans();
      const { traceId, spanId } = span.spanContext();
      assert.deepEqual([whole!.traceId, whole!.parentId, attempt!.parentId], [traceId, spanId, whole!.spanId]);
      assert.equal(stand.seen[0]!.headers['traceparent'], `00-${traceId}-${whole!.spanId}-01`);
      assert.equal(stand.seen[0]!.headers['tracestate'], 'a=b');
      const told = Object.fromEntries(attempt!.attributes);
      assert.equal(told['modicum.cost.nano_usd'], record!.cost.total);
      assert.equal(told['modicum.usage.output'], record!.buckets.output);
      assert.equal(told['gen_ai.response.id'], record!.attempts[0]!.responseId);
      assert.equal(told['user.id'], 'u7');
      assert.doesNotMatch(receiver.requests.map(({ body }) => body.toString('latin1')).join(), /about the sea/, 'no content');
      assert.equal(receiver.requests[0]!.secret, 'k');
    });

  test('taken in by another gateway it gives the same buckets and cost; taken in by the same one it is nothing new', async (t) => {
    const other = await startStand(t);
    const stand = await startStand(t, { config: exporting(other.url) });
    await ask(stand.url);
    const [record] = await stand.records(1);
    const [copy] = await other.records(1);
    assert.deepEqual(filled(copy!.buckets), filled(record!.buckets));
    assert.deepEqual([copy!.cost.total, copy!.model, copy!.provider], [record!.cost.total, record!.model, record!.provider]);
    const receiver = await startReceiver(t);
    const loop = await startStand(t, { config: exporting(receiver.url) });
    await ask(loop.url);
    await until(() => receiver.spans().length >= 2, 'spans');
    const { type, body } = receiver.requests[0]!;
    const answer = await fetch(`${loop.url}/v1/traces`, { method: 'POST', headers: { 'content-type': type }, body: Uint8Array.from(body) });
    assert.equal(answer.status, 200);
    assert.equal((await loop.records(1)).length, 1);
  });

  test('the sum over spans of a call that was tried twice is the ledger', async (t) => {
    const receiver = await startReceiver(t);
    const faults: FaultName[] = ['status-500'];
    const targets = ['openai', 'second'].map((provider) => ({ provider, model: 'gpt-5-mini' }));
    const stand = await startStand(t, {
      emulator: { faults: () => faults.shift() },
      config: { ...exporting(receiver.url), models: { 'gpt-5-mini': { targets } } },
      more: (url) => [{ name: 'second', protocol: 'openai', baseUrl: `${url}/v1`, apiKey: 'k', prices: 'openai' }],
    });
    await ask(stand.url);
    await until(() => receiver.spans().length >= 3, 'a span of the call, and one of each attempt');
    const [record] = await stand.records(1);
    const costs = receiver
      .spans()
      .map(({ attributes, parentId }) => (parentId === undefined ? 0 : Number(attributes.get('modicum.cost.nano_usd') ?? 0)));
    assert.equal(
      costs.reduce((sum, cost) => sum + cost, 0),
      record!.cost.total,
    );
  });

  test('closing sends what waits, metrics too', async (t) => {
    const receiver = await startReceiver(t);
    const stand = await startStand(t, { config: exporting(receiver.url, { flushMs: 60_000, protocol: 'http/json' }) });
    await ask(stand.url);
    await stand.close();
    assert.equal(receiver.spans().length, 2);
    const metrics = receiver.requests.find(({ path }) => path === '/v1/metrics')!.body.toString();
    for (const name of ['gen_ai.client.token.usage', 'gen_ai.client.operation.duration', 'gen_ai.client.inference.usage.input_tokens'])
      assert.ok(metrics.includes(`"${name}"`), name);
  });

  test('a receiver that is not there costs calls nothing', async (t) => {
    const stand = await startStand(t, { config: exporting('http://127.0.0.1:9', { maxAttempts: 1 }) });
    await ask(stand.url);
    await until(() => stand.log.some(({ message }) => /spans could not be sent/.test(message)), 'a warning');
    await ask(stand.url);
    assert.equal((await stand.records(2)).length, 2);
  });

  const places = [
    { propagate: 'all', hosting: 'api', sent: true },
    { propagate: 'own', hosting: 'api', sent: false },
    { propagate: 'own', hosting: 'self-hosted', sent: true },
    { propagate: 'none', hosting: 'self-hosted', sent: false },
  ] as const;
  for (const { propagate, hosting, sent } of places)
    test(`propagate: ${propagate} ${sent ? 'passes the trace on to' : 'keeps it from'} a provider that is ${hosting}`, async (t) => {
      const vendor = await startStand(t);
      const provider = {
        name: 'openai',
        protocol: 'openai',
        baseUrl: `${vendor.emulatorUrl}/v1`,
        apiKey: 'k',
        cloud: { hosting },
      } as const;
      const gateway = await startGateway(t, { providers: [provider], config: { telemetry: { otlp: { propagate } } } });
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      await ask(gateway.url, { traceparent, tracestate: 'a=b', baggage: 'c=d' });
      const { headers } = vendor.seen[0]!;
      assert.deepEqual(
        [headers['traceparent'], headers['tracestate'], headers['baggage']],
        sent ? [traceparent, 'a=b', 'c=d'] : [undefined, undefined, undefined],
      );
    });
});

describe('/metrics', () => {
  const scrape = (url: string, headers: Readonly<Record<string, string>> = {}) => fetch(`${url}/metrics`, { headers });

  test('tells calls, tokens, cost, times, the ledger, budgets and the event loop', async (t) => {
    const budgets: ConfigInput['budgets'] = [{ name: 'all', limit: { usd: '10' }, window: 'day' }];
    const stand = await startStand(t, { config: { budgets } });
    await ask(stand.url, { 'x-modicum-app': 'shop' });
    const [record] = await stand.records(1);
    const answer = await scrape(stand.url);
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    const value = (start: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(start))
          ?.slice(start.length),
      );
    const labels = `provider="openai",model="${record!.model}",app="shop"`;
    assert.equal(value(`modicum_calls_total{${labels},outcome="ok"} `), 1);
    assert.equal(value(`modicum_tokens_total{${labels},kind="output"} `), record!.buckets.output ?? 0);
    assert.equal(value(`modicum_cost_usd_total{${labels}} `), record!.cost.total! / 1e9);
    assert.equal(value(`modicum_call_duration_seconds_count{${labels}} `), 1);
    assert.equal(value('modicum_ledger_records_total '), 1);
    assert.equal(value('modicum_ledger_ok '), 1);
    assert.equal(value('modicum_budget_left{budget="all",subject="all",unit="usd"} '), 10 - record!.cost.total! / 1e9);
    assert.ok(value('modicum_in_flight ') >= 1, 'the scrape itself');
    assert.ok(text.includes('modicum_event_loop_delay_seconds_bucket{le="0.02"}'));
  });

  test('speaks OpenMetrics to who asks for it', async (t) => {
    const stand = await startStand(t);
    const answer = await scrape(stand.url, { accept: 'application/openmetrics-text;version=1.0.0' });
    assert.match(answer.headers.get('content-type')!, /^application\/openmetrics-text; version=1\.0\.0/);
    assert.match(await answer.text(), /\n# EOF\n$/);
  });

  test('is for the administrator, and can be switched off', async (t) => {
    const adminToken = 'a-token-of-some-length';
    const guarded = await startStand(t, { config: { server: { adminToken } } });
    assert.equal((await scrape(guarded.url)).status, 401);
    assert.equal((await scrape(guarded.url, { authorization: `Bearer ${adminToken}` })).status, 200);
    const off = await startStand(t, { config: { telemetry: { prometheus: { enabled: false } } } });
    assert.equal((await scrape(off.url)).status, 404);
  });
});
