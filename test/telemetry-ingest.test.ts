import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';

import { isWanted } from '../src/telemetry/ingest/aliases.ts';
import { filled, startGateway, startStand, type Stand } from './harness.ts';
import { application, carried, chat, ask, ingested } from './telemetry.ts';

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
