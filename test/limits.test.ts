import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { tail } from '../src/ledger/calls.ts';
import { connect, send, sendJson } from './client.ts';
import { startGateway, statusOf, until, vendorsAt, type Cleanup, type Gateway } from './harness.ts';
import { answerChat, chat, chatPath as path, postHead as head, startUpstream, type Upstream } from './upstream.ts';

interface Limited {
  readonly gateway: Gateway;
  readonly upstream: Upstream;
}
const limited = async (t: Cleanup, limits: Readonly<Record<string, number>>, answer = answerChat): Promise<Limited> => {
  const upstream = await startUpstream(t, answer);
  const gateway = await startGateway(t, { providers: vendorsAt(upstream.url, {}), config: { server: { limits } } });
  return { gateway, upstream };
};

test('a body at the limit passes; one byte more is 413, announced, in chunks, or unpacked', async (t) => {
  const { gateway, upstream } = await limited(t, { maxBodyBytes: 1024 });
  const bodyOf = (bytes: number): Buffer => {
    const text = JSON.stringify({ ...chat, pad: '' });
    return Buffer.from(text.replace('"pad":""', `"pad":"${'x'.repeat(bytes - text.length)}"`));
  };
  const at = bodyOf(1024);
  const over = bodyOf(1025);
  const halves = (body: Buffer): Buffer[] => [body.subarray(0, 500), body.subarray(500)];
  const gzip = { 'content-encoding': 'gzip' };
  const url = `${gateway.url}${path}`;
  for (const [what, request, status] of [
    ['at', { chunks: [at] }, 200],
    ['at, in chunks', { chunks: halves(at) }, 200],
    ['at, unpacked', { headers: gzip, chunks: [zlib.gzipSync(at)] }, 200],
    ['over', { chunks: [over] }, 413],
    ['over, in chunks', { chunks: halves(over) }, 413],
    ['over, unpacked', { headers: gzip, chunks: [zlib.gzipSync(over)] }, 413],
    ['far over, unpacked', { headers: gzip, chunks: [zlib.gzipSync(Buffer.alloc(900_000))] }, 413],
  ] as const) {
    const back = await send(url, { ...request, chunks: [...request.chunks] });
    assert.equal(back.status, status, what);
    if (status === 413) assert.match(back.body.toString(), /server\.limits\.maxBodyBytes \(1024 bytes\)/);
  }
  assert.equal(upstream.arrived.length, 3);
});

test('a client that is sending a far too large body can read why it is refused', async (t) => {
  const { gateway } = await limited(t, { maxBodyBytes: 1024 });
  for (const announced of [true, false]) {
    const wire = await connect(gateway.url);
    const most = 8 * 1024 * 1024;
    wire.write(announced ? head(`content-length: ${most}`) : `${head('transfer-encoding: chunked')}${most.toString(16)}\r\n`);
    wire.socket.write(Buffer.alloc(most, 'x'));
    assert.match(await wire.ended, /^HTTP\/1\.1 413 /, announced ? 'announced' : 'in chunks');
  }
});

test('a body that does not arrive in time: 408; a head that does not: 408', async (t) => {
  const { gateway, upstream } = await limited(t, { headersTimeoutMs: 200, bodyTimeoutMs: 400 });
  for (const begun of [`${head('content-length: 100')}{"model`, `POST ${path} HTTP/1.1\r\nhost: g`]) {
    const wire = await connect(gateway.url);
    wire.write(begun);
    assert.match(await wire.ended, /^HTTP\/1\.1 408 Request Timeout\r\n/);
  }
  assert.equal(upstream.arrived.length, 0);
  await until(() => statusOf(gateway.app).inFlight === 0, 'nothing in flight');
});

test('more calls than maxInFlight: 503 that may be repeated, in the shape of the family', async (t) => {
  let release: (() => void)[] = [];
  const { gateway } = await limited(t, { maxInFlight: 2 }, async (request, response) => {
    await new Promise<void>((resolve) => release.push(resolve));
    return answerChat(request, response);
  });
  const held = [sendJson(`${gateway.url}${path}`, chat), sendJson(`${gateway.url}${path}`, chat)];
  await until(() => release.length === 2, 'two calls at the provider');
  const refused = await sendJson(`${gateway.url}/v1/messages`, { ...chat, max_tokens: 1 });
  assert.deepEqual([refused.status, refused.headers['x-should-retry']], [503, undefined], 'SDKs repeat 503 by themselves');
  assert.match(refused.body.toString(), /"type":"overloaded_error".*server\.limits\.maxInFlight/);
  for (const resolve of release) resolve();
  assert.deepEqual(
    (await Promise.all(held)).map(({ status }) => status),
    [200, 200],
  );
  release = [];
  const next = sendJson(`${gateway.url}${path}`, chat);
  await until(() => release.length === 1, 'the next call at the provider');
  release[0]!();
  assert.equal((await next).status, 200);
});

test('closing: a stream under way ends whole and is recorded, new calls are refused', async (t) => {
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const { gateway } = await limited(t, {}, async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"id":"c-1","model":"gpt-5-mini","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
    await finished;
    response.end('data: {"id":"c-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}\n\ndata: [DONE]\n\n');
  });
  const body = JSON.stringify({ ...chat, stream: true, stream_options: { include_usage: true } });
  const wire = await connect(gateway.url);
  wire.write(head(`content-length: ${body.length}`) + body);
  await until(() => wire.received().includes('"content":"a"'), 'the first event');
  const closing = gateway.close();
  await assert.rejects(sendJson(`${gateway.url}${path}`, chat), { code: 'ECONNREFUSED' });
  finish();
  assert.match(await wire.ended, /data: \[DONE\]\n\n/);
  await closing;
  const [stored] = tail(gateway.dataDir, { limit: 10 });
  assert.deepEqual([stored?.record.outcome, stored?.record.usageSource, stored?.record.buckets.input], ['ok', 'provider', 3]);
});

test('closing cuts what outlasts the grace, and records it', async (t) => {
  const { gateway } = await limited(t, { shutdownGraceMs: 50 }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"id":"c-1","model":"gpt-5-mini","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
  });
  const wire = await connect(gateway.url);
  const body = JSON.stringify({ ...chat, stream: true });
  wire.write(head(`content-length: ${body.length}`) + body);
  await until(() => wire.received().includes('"content":"a"'), 'the first event');
  await gateway.close();
  assert.doesNotMatch(await wire.ended, /\[DONE\]/);
  const records = tail(gateway.dataDir, { limit: 10 }).map(({ record }) => record);
  assert.deepEqual(
    records.map(({ outcome, usageSource }) => [outcome, usageSource]),
    [['aborted', 'estimated']],
  );
});

test('a client that does not read holds the provider back, not the memory of the gateway', async (t) => {
  const total = 96 * 1024 * 1024;
  const event = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(64 * 1024)}"}}]}\n\n`);
  let sent = 0;
  const { gateway } = await limited(t, {}, async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    while (sent < total) {
      sent += event.length;
      if (!response.write(event)) await once(response, 'drain');
    }
    response.end('data: [DONE]\n\n');
  });
  const body = JSON.stringify({ ...chat, stream: true, stream_options: { include_usage: true } });
  const wire = await connect(gateway.url);
  wire.write(head(`content-length: ${body.length}`, 'connection: close') + body);
  await once(wire.socket, 'data');
  wire.socket.pause();
  let before = -1;
  await until(
    async () => {
      const still = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 150));
      return still && sent === before;
    },
    () => `the provider to stop; it has sent ${sent} bytes`,
  );
  assert.ok(sent < total / 3, `the provider could send ${sent} bytes: what sockets and the gateway's bounds hold`);
  wire.socket.resume();
  assert.match((await wire.ended).slice(-40), /data: \[DONE\]/);
  assert.ok(sent >= total);
});

test('a reply of the provider that is an error passes as it is', async (t) => {
  const { gateway } = await limited(t, {}, (_request, response) => {
    response
      .writeHead(429, { 'content-type': 'application/json', 'retry-after': '7', 'x-request-id': 'r-1' })
      .end('{"error":{"message":"slow down"}}');
  });
  const back = await sendJson(`${gateway.url}${path}`, chat);
  assert.deepEqual([back.status, back.headers['retry-after'], back.headers['x-request-id']], [429, '7', 'r-1']);
  assert.equal(back.body.toString(), '{"error":{"message":"slow down"}}');
  const [record] = await gateway.records(1);
  assert.deepEqual([record!.outcome, record!.status, record!.cost.total], ['failed', 429, 0]);
});

test('a provider that is not there: 502, recorded, not billed', async (t) => {
  const upstream = await startUpstream(t, answerChat);
  const gateway = await startGateway(t, { providers: vendorsAt(upstream.url, {}) });
  await new Promise<void>((resolve) => upstream.server.close(() => resolve()));
  const back = await sendJson(`${gateway.url}${path}`, chat);
  assert.equal(back.status, 502);
  assert.match(back.body.toString(), /"code":"provider_unreachable"/);
  assert.doesNotMatch(back.body.toString(), /127\.0\.0\.1/, 'no address is told');
  const [record] = await gateway.records(1);
  assert.deepEqual([record!.outcome, record!.errorCode, record!.cost.total], ['failed', 'provider_unreachable', 0]);
});
