import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, suite, test } from 'node:test';
import { connect, send, sendJson } from './client.ts';
import { startGateway, until, vendorsAt, type Cleanup, type Gateway } from './harness.ts';
import { answerChat, chat, chatPath as path, postHead as head, startUpstream, type Upstream } from './upstream.ts';

const chatBytes = Buffer.from(JSON.stringify(chat));
const chunked = (body: Buffer): string => `${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n0\r\n\r\n`;

suite('what the HTTP side takes and refuses', () => {
  const clean: (() => void | Promise<void>)[] = [];
  const cleanup: Cleanup = { after: (done) => void clean.unshift(done) };
  let upstream: Upstream;
  let gateway: Gateway;

  before(async () => {
    upstream = await startUpstream(cleanup, answerChat);
    gateway = await startGateway(cleanup, { providers: vendorsAt(upstream.url, {}) });
  });
  after(async () => {
    for (const done of clean) await done();
  });

  /** Writes bytes, and gives what came back when the gateway has closed. */
  const exchange = async (bytes: string): Promise<string> => {
    const wire = await connect(gateway.url);
    wire.write(bytes);
    return wire.ended;
  };

  const body = chatBytes.toString('latin1');
  const size = `content-length: ${body.length}`;
  const smuggling: readonly (readonly [what: string, bytes: string])[] = [
    ['a length and chunks', head(size, 'transfer-encoding: chunked') + chunked(chatBytes)],
    ['chunks and a length', head('transfer-encoding: chunked', size) + chunked(chatBytes)],
    ['chunks in mixed case and a length', head('Transfer-Encoding: ChUnKeD', size) + chunked(chatBytes)],
    ['two lengths that differ', head(size, 'content-length: 3') + body],
    ['two lengths that agree', head(size, size) + body],
    ['lengths in one header', head(`content-length: ${body.length}, ${body.length}`) + body],
    ['a negative length', head('content-length: -5') + body],
    ['a length with a plus', head('content-length: +5') + body],
    ['a hexadecimal length', head('content-length: 0x10') + body],
    ['a space before the colon', head('transfer-encoding : chunked') + chunked(chatBytes)],
    ['a space before the colon of the length', head(`content-length : ${body.length}`) + body],
    ['chunks that are not the last coding', head('transfer-encoding: chunked, identity') + chunked(chatBytes)],
    ['an unknown coding', head('transfer-encoding: xchunked') + chunked(chatBytes)],
    ['a folded header', head('transfer-encoding:', ' chunked') + chunked(chatBytes)],
    ['a folded length', head(`content-length:`, ` ${body.length}`) + body],
    ['bare line feeds', head(size).replaceAll('\r\n', '\n') + body],
    ['a bare carriage return', head(`x-a: b\rcontent-length: 0`, size) + body],
    ['a NUL in a value', head('x-a: \u0000', size) + body],
    ['a chunk size that is no number', `${head('transfer-encoding: chunked')}zz\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk longer than its size', `${head('transfer-encoding: chunked')}5\r\n${body}\r\n0\r\n\r\n`],
    ['no HTTP at all', 'hello\r\n\r\n'],
  ];
  for (const [what, bytes] of smuggling) {
    test(`refused: ${what}`, async () => {
      const arrived = upstream.arrived.length;
      const back = await exchange(bytes);
      assert.match(back, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert.match(back, /\r\nconnection: close\r\n/i);
      assert.equal(back.match(/HTTP\/1\.1 /g)!.length, 1, 'one answer, then nothing');
      assert.equal(upstream.arrived.length, arrived, 'the provider saw nothing');
    });
  }

  test('chunks in any letters are taken', async () => {
    const back = await exchange(head('Transfer-Encoding: Chunked', 'connection: close') + chunked(chatBytes));
    assert.match(back, /^HTTP\/1\.1 200 /);
    assert.equal(upstream.arrived.at(-1)!.body.toString(), body);
    assert.equal(upstream.arrived.at(-1)!.headers['transfer-encoding'], undefined, 'sent on with its length');
  });

  test('a head over the limit is refused with 431', async () => {
    const back = await exchange(head(`x-long: ${'a'.repeat(70 * 1024)}`, size) + body);
    assert.match(back, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  });

  test('Expect: 100-continue is answered, then the reply follows', async () => {
    const wire = await connect(gateway.url);
    wire.write(head(size, 'expect: 100-continue', 'connection: close'));
    await until(() => wire.received().startsWith('HTTP/1.1 100 Continue\r\n\r\n'), '100 Continue');
    wire.write(body);
    assert.match(await wire.ended, /\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    assert.equal(upstream.arrived.at(-1)!.headers['expect'], undefined);
  });

  test('a connection serves one request after the other', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    let sockets = 0;
    agent.on('free', () => void (sockets += 1));
    for (let index = 0; index < 3; index += 1)
      assert.equal((await send(`${gateway.url}${path}`, { chunks: [chatBytes], agent })).status, 200);
    const open = Object.values(agent.freeSockets).flat().length;
    assert.deepEqual([open, sockets], [1, 3], 'the same socket was free again after each');
    agent.destroy();
  });

  test('a refusal leaves the connection to the next request', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await send(`${gateway.url}/v1/nothing`, { chunks: [chatBytes], agent })).status, 404);
    assert.equal((await send(`${gateway.url}${path}`, { chunks: [Buffer.from('{')], agent })).status, 400);
    assert.equal((await send(`${gateway.url}${path}`, { chunks: [chatBytes], agent })).status, 200);
    assert.equal(Object.values(agent.freeSockets).flat().length, 1);
    agent.destroy();
  });

  test('pipelined requests are answered in their order', async () => {
    const numbered = (index: number, ...more: readonly string[]): string => {
      const text = JSON.stringify({ ...chat, seed: index });
      return head(`content-length: ${text.length}`, ...more) + text;
    };
    const arrived = upstream.arrived.length;
    const back = await exchange(numbered(1) + numbered(2) + numbered(3, 'connection: close'));
    assert.equal(back.match(/HTTP\/1\.1 200 OK/g)!.length, 3);
    const seeds = upstream.arrived.slice(arrived).map((request) => (JSON.parse(request.body.toString()) as { readonly seed: number }).seed);
    assert.deepEqual(new Set(seeds), new Set([1, 2, 3]));
    assert.equal(seeds.length, 3, 'each reached the provider once');
  });

  test('a WebSocket upgrade is answered with 426, so that the client falls back to HTTP', async () => {
    const bytes = [
      'GET /v1/responses HTTP/1.1',
      'host: gateway',
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      'openai-beta: responses_websockets=2026-02-06',
      '',
      '',
    ].join('\r\n');
    for (const prefix of ['', '/c/codex']) {
      const wire = await connect(gateway.url);
      wire.write(bytes.replace('/v1/responses', `${prefix}/v1/responses`));
      await until(() => wire.received().includes('\r\n\r\n{'), 'a whole reply');
      assert.match(wire.received(), /^HTTP\/1\.1 426 Upgrade Required\r\n/);
      assert.match(wire.received(), /"code":"upgrade_required"/);
      wire.socket.destroy();
    }
  });

  const plain: readonly (readonly [method: string, path: string, status: number, body: RegExp])[] = [
    ['HEAD', '/api/hello', 200, /^$/],
    ['GET', '/api/hello', 200, /modicum/],
    ['GET', '/healthz', 200, /"ok"/],
    ['GET', '/readyz', 200, /"ready"/],
    ['GET', '/api/status', 200, /"inFlight":1/],
    ['GET', '/', 200, /<!doctype html>/i],
    ['POST', '/v1/nothing', 404, /^\{"error":\{"message":"no route POST \/v1\/nothing.*\/passthrough/],
    ['POST', '/c/shop/v1/nothing', 404, /"code":"not_found"/],
    ['POST', '/v1/messages/nothing', 404, /^\{"type":"error","error":\{"type":"not_found_error"/],
    ['POST', '/v1beta/nothing', 404, /^\{"error":\{"code":404,.*"status":"NOT_FOUND"/],
    ['GET', '/v1/chat/completions', 405, /method_not_allowed/],
    ['DELETE', '/v1/messages', 405, /"type":"error"/],
    ['GET', '/v1beta/models/gemini-2.5-flash:generateContent', 405, /"error":\{"code":405/],
  ];
  for (const [method, target, status, expected] of plain) {
    test(`${method} ${target}: ${status}`, async () => {
      const back = await send(`${gateway.url}${target}`, { method });
      assert.equal(back.status, status);
      assert.match(back.body.toString(), expected);
    });
  }

  interface Family {
    readonly name: string;
    readonly path: string;
    readonly fields: string;
    readonly error: RegExp;
  }
  const families: readonly Family[] = [
    { name: 'openai', path, fields: '"messages":[]', error: /^\{"error":\{"message":".*","type":"invalid_request_error"/ },
    {
      name: 'anthropic',
      path: '/v1/messages',
      fields: '"max_tokens":1,"messages":[]',
      error: /^\{"type":"error","error":\{"type":"invalid_request_error","message":"/,
    },
    {
      name: 'google',
      path: '/v1beta/models/gemini-2.5-flash:generateContent',
      fields: '"contents":[]',
      error: /^\{"error":\{"code":400,"message":".*","status":"INVALID_ARGUMENT"/,
    },
  ];
  for (const { name, path: target, fields, error } of families) {
    const post = async (text: string) => {
      const arrived = upstream.arrived.length;
      const back = await send(`${gateway.url}${target}`, { chunks: [Buffer.from(text)] });
      assert.equal(upstream.arrived.length, arrived, 'the provider saw nothing');
      return { status: back.status, text: back.body.toString() };
    };

    test(`${name}: a key that stands twice is refused, also when one is written in escapes`, async () => {
      for (const twice of ['"model":"a","model":"b"', '"model":"a","mod\\u0065l":"b"']) {
        const back = await post(`{${twice},${fields}}`);
        assert.equal(back.status, 400);
        assert.match(back.text, error);
        assert.match(back.text, /model.* stands twice/);
      }
    });

    test(`${name}: what is no JSON is refused, and the byte named`, async () => {
      const back = await post(`{"model":"gpt-5-mini",${fields}`);
      assert.equal(back.status, 400);
      assert.match(back.text, error);
      assert.match(back.text, /byte \d+/);
      assert.equal((await post('')).status, 400);
      assert.equal((await post('[]')).status, 400);
      assert.equal((await post(`{"model":"gpt-5-mini",${fields}} {}`)).status, 400);
    });

    if (name !== 'google')
      test(`${name}: without a model, or with one that is no name, 400`, async () => {
        for (const model of ['', '"model":null,', '"model":5,', '"model":"",']) {
          const back = await post(`{${model}${fields}}`);
          assert.deepEqual([back.status, /model/.test(back.text)], [400, true], `${model}: ${back.text}`);
        }
      });
  }

  test('a call that names no model is recorded as refused, whatever else it holds', async () => {
    const known = (await gateway.records(0)).length;
    await send(`${gateway.url}${path}`, { chunks: [Buffer.from('{"stream":"yes","messages":[]}')] });
    const record = (await gateway.records(known + 1)).at(-1)!;
    assert.deepEqual([record.outcome, record.errorCode, record.requestModel, record.status], ['refused', 'invalid_request', '', 400]);
    assert.deepEqual(
      gateway.log.filter(({ level }) => level === 'error'),
      [],
    );
  });

  test('a model of another family, for a call that cannot be translated: 404 that says which API to use', async () => {
    const back = await sendJson(`${gateway.url}/v1/completions`, { prompt: 'Hi', model: 'claude-opus-5-5' });
    assert.equal(back.status, 404);
    assert.match(
      back.body.toString(),
      /served by the provider \\"anthropic\\", which speaks the anthropic API, not the openai API.*use \/v1\/messages/,
    );
    const other = await sendJson(`${gateway.url}/v1/messages/count_tokens`, chat);
    assert.match(other.body.toString(), /use \/v1\/chat\/completions or \/v1\/responses/);
    assert.equal(other.headers['x-should-retry'], 'false');
  });

  test('an unknown content-encoding: 415; a body that is not what it says: 400', async () => {
    for (const [encoding, status] of [
      ['compress', 415],
      ['gzip', 400],
      ['zstd', 400],
      ['br', 400],
    ] as const) {
      const back = await send(`${gateway.url}${path}`, { headers: { 'content-encoding': encoding }, chunks: [chatBytes] });
      assert.equal(back.status, status, encoding);
    }
  });

  test('a path passed through is forwarded with any method, and recorded as unmetered', async () => {
    const known = (await gateway.records(0)).length;
    const back = await send(`${gateway.url}/c/shop/passthrough/openai/v1/files/f-1?limit=2`, { method: 'DELETE' });
    assert.equal(back.status, 200);
    const { method, url, body: sent } = upstream.arrived.at(-1)!;
    assert.deepEqual([method, url, sent.length], ['DELETE', '/v1/files/f-1?limit=2', 0]);
    const record = (await gateway.records(known + 1)).at(-1)!;
    assert.deepEqual(
      [record.operation, record.outcome, record.cost.total, record.cost.status, record.labels.app, record.provider],
      ['passthrough', 'ok', null, 'unmetered', 'shop', 'openai'],
    );
  });

  test('a provider that is not configured: 404 that names those that are, and a record', async () => {
    const known = (await gateway.records(0)).length;
    const back = await send(`${gateway.url}/passthrough/nobody/v1/files`, { method: 'GET' });
    assert.equal(back.status, 404);
    assert.match(back.body.toString(), /no provider \\"nobody\\".*openai, anthropic, google/);
    const record = (await gateway.records(known + 1)).at(-1)!;
    assert.deepEqual([record.outcome, record.status, record.errorCode], ['failed', 404, 'not_found']);
  });
});
