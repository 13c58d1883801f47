import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { context, ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ConfigInput } from '../src/config/schema.ts';
import type { CallRecord } from '../src/core/record.ts';
import type { FaultName } from '../src/emulator/faults.ts';
import { isWanted } from '../src/telemetry/ingest/aliases.ts';
import type { InboundSpan } from '../src/telemetry/ingest/inbound.ts';
import { readJson } from '../src/telemetry/ingest/read-json.ts';
import { readProtobuf } from '../src/telemetry/ingest/read-protobuf.ts';
import { filled, startGateway, startStand, until, type Stand } from './harness.ts';

/** An application instrumented with the official SDK, which sends its spans to `url`, or keeps them. */
function application(t: TestContext, url?: string) {
  const kept = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [
      ...(url === undefined ? [] : [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }) })]),
      new SimpleSpanProcessor({ exporter: kept }),
    ],
  });
  t.after(() => provider.shutdown());
  const tracer = provider.getTracer('app', '1.0.0');
  return {
    kept,
    flush: () => provider.forceFlush(),
    span: (
      name: string,
      attributes: Attributes = {},
      parent: Context = ROOT_CONTEXT,
    ): { readonly span: Span; readonly inside: Context } => {
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
      return { span, inside: trace.setSpan(context.active(), span) };
    },
  };
}

/** The header by which a trace goes on, as W3C has it. */
function carried(inside: Context): { readonly traceparent: string } {
  const { traceId, spanId } = trace.getSpanContext(inside)!;
  return { traceparent: `00-${traceId}-${spanId}-01` };
}

const chat = (model = 'gpt-5-mini'): Attributes => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': model,
});

async function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly id: string; readonly requestId: string }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about the sea.' }] }),
  });
  assert.equal(response.status, 200);
  const { id } = (await response.json()) as { readonly id: string };
  return { id, requestId: response.headers.get('x-modicum-request-id')! };
}

const only = (flag: string) => (records: readonly CallRecord[]) => records.filter(({ flags }) => flags.includes(flag));
const ingested = only('otlp');

/** A receiver of OTLP, by its own server: what reached it. */
async function startReceiver(t: TestContext) {
  const requests: { readonly path: string; readonly type: string; readonly body: Buffer; readonly secret: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const type = request.headers['content-type'] ?? '';
      requests.push({
        path: request.url!,
        type,
        body: Buffer.concat(chunks),
        secret: request.headers['x-receiver-key'] as string | undefined,
      });
      response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const limits = { maxSpans: 1000, maxAttributes: 128 };
  const spans = (): readonly InboundSpan[] =>
    requests
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ type, body }) => [...(type === 'application/json' ? readJson : readProtobuf)(body, limits, () => true)]);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, spans };
}

const exporting = (url: string, otlp: NonNullable<ConfigInput['telemetry']>['otlp'] = {}): Partial<ConfigInput> => ({
  telemetry: { otlp: { endpoint: url, flushMs: 10, metricIntervalMs: 60_000, ...otlp } },
});

describe('spans of an official pipeline', () => {
  test('become records of the same ledger, priced, once however often they come', async (t) => {
    const stand = await startStand(t);
    const app = application(t, stand.url);
    const agent = app.span('invoke_agent', { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 999 });
    const call = app.span('chat', { ...chat(), 'session.id': 's1', 'modicum.app': 'assistant' }, agent.inside);
    call.span.setAttributes({
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.cache_read.input_tokens': 400,
      'gen_ai.usage.output_tokens': 50,
    });
    call.span.end();
    agent.span.end();
    await app.flush();
    const again = JsonTraceSerializer.serializeRequest(app.kept.getFinishedSpans())!;
    const answer = await fetch(`${stand.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(again),
    });
    assert.deepEqual([answer.status, await answer.json()], [200, {}]);
    const records = await stand.records(1);
    assert.equal(records.length, 1, 'the agent is no call, and the second time nothing is new');
    const [record] = records;
    assert.deepEqual(filled(record!.buckets), { input: 600, cacheRead: 400, output: 50 });
    assert.deepEqual(
      [record!.provider, record!.model, record!.labels.app, record!.labels.session],
      ['openai', 'gpt-5-mini', 'assistant', 's1'],
    );
    // gpt-5-mini: 0.25, 0.025 and 2 USD per million tokens
    assert.equal(record!.cost.total, 600 * 250 + 400 * 25 + 50 * 2000);
  });

  test('an unknown model has no price, and it is not 0', async (t) => {
    const stand = await startStand(t);
    const app = application(t, stand.url);
    const { span } = app.span('chat', { ...chat('nobody-knows-this'), 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 1 });
    span.end();
    await app.flush();
    const [record] = await stand.records(1);
    assert.deepEqual([record!.cost.total, record!.cost.status], [null, 'unpriced']);
  });

  test('need a key where calls need one', async (t) => {
    const stand = await startStand(t, { config: { keys: { required: true } } });
    const body = JSON.stringify({ resourceSpans: [] });
    const send = (headers: Readonly<Record<string, string>>) =>
      fetch(`${stand.url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    assert.equal((await send({})).status, 401);
    const made = await fetch(`${stand.url}/api/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"app"}',
    });
    const { secret } = (await made.json()) as { readonly secret: string };
    assert.equal((await send({ authorization: `Bearer ${secret}` })).status, 200);
  });

  test('have limits, and a switch', async (t) => {
    const stand = await startStand(t, { config: { telemetry: { ingest: { maxBodyBytes: 2048 } } } });
    const send = (body: Uint8Array, encoding = 'identity') =>
      fetch(`${stand.url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        body,
      });
    const padded = (length: number): Buffer => Buffer.from('{}'.padEnd(length));
    assert.equal((await send(padded(2048))).status, 200);
    assert.equal((await send(padded(2049))).status, 413);
    assert.equal((await send(gzipSync(padded(2049)), 'gzip')).status, 413, 'as decompressed');
    const off = await startStand(t, { config: { telemetry: { ingest: { enabled: false } } } });
    assert.equal((await fetch(`${off.url}/v1/traces`, { method: 'POST', body: '' })).status, 404);
  });

  test('metrics and logs sent along are let go', async (t) => {
    const stand = await startStand(t);
    for (const signal of ['metrics', 'logs']) {
      const answer = await fetch(`${stand.url}/v1/${signal}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: 'x',
      });
      assert.deepEqual([answer.status, (await answer.bytes()).length], [200, 0]);
    }
    assert.deepEqual(await stand.records(0), []);
  });
});

describe('a call that passed the gateway and has a span too is counted once', () => {
  const ways: readonly {
    readonly name: string;
    readonly call: (stand: Stand, app: ReturnType<typeof application>) => Promise<void>;
  }[] = [
    {
      name: 'by the trace, an HTTP span between',
      call: async (stand, app) => {
        const one = app.span('chat', chat());
        const http = app.span('POST', {}, one.inside);
        await ask(stand.url, carried(http.inside));
        http.span.end();
        one.span.end();
      },
    },
    {
      name: 'by the id of the reply',
      call: async (stand, app) => {
        const { span } = app.span('chat', chat());
        span.setAttribute('gen_ai.response.id', (await ask(stand.url)).id).end();
      },
    },
    {
      name: 'by the id that the gateway gave it',
      call: async (stand, app) => {
        const { span } = app.span('chat', chat());
        span.setAttribute('http.response.header.x-modicum-request-id', [(await ask(stand.url)).requestId]).end();
      },
    },
  ];
  for (const { name, call } of ways)
    test(name, async (t) => {
      const stand = await startStand(t);
      const app = application(t, stand.url);
      await call(stand, app);
      const direct = app.span('chat', { ...chat(), 'gen_ai.usage.input_tokens': 7, 'gen_ai.usage.output_tokens': 3 });
      direct.span.end();
      await app.flush();
      const records = await stand.records(2);
      assert.equal(records.length, 2, 'the call, and the one that did not pass');
      assert.deepEqual(
        ingested(records).map(({ buckets }) => filled(buckets)),
        [{ input: 7, output: 3 }],
      );
    });

  test('after a restart, by the ledger', async (t) => {
    const first = await startStand(t);
    const app = application(t);
    const one = app.span('chat', chat());
    const two = app.span('chat', chat());
    await ask(first.url, carried(one.inside));
    two.span.setAttribute('gen_ai.response.id', (await ask(first.url)).id);
    await first.records(2);
    await first.close();
    for (const { span } of [one, two]) span.end();
    const second = await startGateway(t, { providers: [], dataDir: first.dataDir });
    const answer = await fetch(`${second.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JsonTraceSerializer.serializeRequest(app.kept.getFinishedSpans())!,
    });
    assert.equal(answer.status, 200);
    assert.equal((await second.records(0)).length, 2);
  });
});

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

test('nothing reads what was said: attributes with content are not wanted', () => {
  for (const key of [
    'gen_ai.input.messages',
    'gen_ai.prompt',
    'llm.input_messages',
    'ai.prompt.messages',
    'input.value',
    'ai.response.text',
  ])
    assert.equal(isWanted(key), false, key);
});
