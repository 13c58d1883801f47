import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, suite, test } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { send } from './client.ts';
import { providerKey, startGateway, vendorsAt, type Cleanup, type Gateway } from './harness.ts';
import { startUpstream, type Answer, type Upstream } from './upstream.ts';

const numRuns = Number(process.env['MODICUM_BYTES_RUNS'] ?? 40);

// JSON as no printer of ours would write it: white space, numbers beyond doubles, escapes, duplicate keys below the top level.
const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ');
const numbers = fc.constantFrom(
  '0',
  '-0',
  '1.0',
  '1.50',
  '1e3',
  '1E+3',
  '12345678901234567890',
  '0.1000000000000000055',
  '1e400',
  '-1.5e-7',
);
const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\u0061\\/"', '"usage"', '"\\"usage\\": {"', '"漢字 😀"', '"\\ud83d"', `"${'long '.repeat(2000)}"`),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false'),
    numbers,
    strings,
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), space).map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    fc
      .tuple(fc.array(fc.tuple(strings, tie('value')), { maxLength: 3 }), space)
      .map(([members, gap]) => `{${gap}${members.map(([key, each]) => `${key}${gap}:${gap}${each}`).join(',')}${gap}}`),
  ),
}));
const unknownKeys = fc.uniqueArray(fc.constantFrom('seed', 'x_new_field', 'métadonnées', 'logit_bias', 'zz', 'usage', 'extra_body'), {
  maxLength: 5,
});

/** A JSON object with these members among unknown ones, in any order and spacing. */
const objectWith = (members: readonly string[]): fc.Arbitrary<Buffer> =>
  fc.tuple(unknownKeys, fc.infiniteStream(value), space, space, fc.nat()).map(([keys, values, before, after, at]) => {
    const unknown = keys.map((key) => `${JSON.stringify(key)}${before}:${after}${values.next().value!}`);
    const all = unknown.toSpliced(at % (unknown.length + 1), 0, ...members);
    return Buffer.from(`${before}{${after}${all.join(`${before},${after}`)}${after}}${before}`);
  });

/** Cuts bytes at random places. */
const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * bytes.length)))].sort((a, b) => a - b);
  return [...places, bytes.length]
    .map((end, index) => bytes.subarray(index === 0 ? 0 : places[index - 1]!, end))
    .filter(({ length }) => length > 0);
};
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

const encodings = {
  identity: (bytes: Buffer) => bytes,
  gzip: zlib.gzipSync,
  br: (bytes: Buffer) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: zlib.zstdCompressSync,
} as const satisfies Record<string, (bytes: Buffer) => Buffer>;
const encoding = fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[]));

/** Events as vendors send them, and as no vendor does. */
const streamText = fc
  .array(
    fc.oneof(
      objectWith([]).map((json) => `data: ${json.toString().replace(/[\r\n]/g, ' ')}\n\n`),
      fc.constantFrom(
        ': comment\n\n',
        'event: ping\ndata: {"type": "ping"}\n\n',
        'data: [DONE]\n\n',
        'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\r\n\r\n',
        '\n',
        'data: not json\n\n',
      ),
    ),
    { maxLength: 8 },
  )
  .map((events) => Buffer.from(events.join('')));

interface Api {
  readonly name: string;
  readonly path: string;
  readonly members: readonly string[];
  readonly stream: boolean;
}
const apis: readonly Api[] = [
  {
    name: 'chat',
    path: '/v1/chat/completions',
    members: ['"model" : "gpt-5-mini"', '"messages":[{"role":"user","content":"hi"}]'],
    stream: false,
  },
  {
    name: 'chat stream whose client asks for usage',
    path: '/v1/chat/completions?beta=1&x=%20y',
    members: ['"model":"gpt-5-mini"', '"stream" :true', '"stream_options":{"include_usage":true , "new_option":1.0}'],
    stream: true,
  },
  { name: 'responses', path: '/v1/responses', members: ['"model":"gpt-5-mini"', '"input":"hi"'], stream: false },
  { name: 'responses stream', path: '/v1/responses', members: ['"model":"gpt-5-mini"', '"stream":true'], stream: true },
  { name: 'embeddings', path: '/v1/embeddings', members: ['"model":"text-embedding-3-small"', '"input":["a"]'], stream: false },
  { name: 'messages', path: '/v1/messages?beta=true', members: ['"model":"claude-opus-5-5"', '"max_tokens":1'], stream: false },
  { name: 'messages stream', path: '/v1/messages', members: ['"model":"claude-opus-5-5"', '"stream":true'], stream: true },
  { name: 'generateContent', path: '/v1beta/models/gemini-2.5-flash:generateContent', members: ['"contents":[]'], stream: false },
  {
    name: 'streamGenerateContent',
    path: '/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    members: ['"contents":[]'],
    stream: true,
  },
  { name: 'a path passed through', path: '/passthrough/openai/v1/files?purpose=x', members: ['"file":1.0'], stream: false },
];

suite('bytes are the same on both sides', () => {
  const clean: (() => void | Promise<void>)[] = [];
  const cleanup: Cleanup = { after: (done) => void clean.unshift(done) };
  let upstream: Upstream;
  let gateway: Gateway;
  let answer: Answer;
  const agent = new http.Agent({ keepAlive: true });

  before(async () => {
    upstream = await startUpstream(cleanup, (request, response) => answer(request, response));
    gateway = await startGateway(cleanup, { providers: vendorsAt(upstream.url, {}) });
  });
  after(async () => {
    agent.destroy();
    for (const done of clean) await done();
  });

  for (const { name, path, members, stream } of apis) {
    test(`${name}: any JSON, any chunks, any compression, of request and reply`, async () => {
      const replies = stream ? streamText : objectWith(['"id":"r-1"']);
      await fc.assert(
        fc.asyncProperty(
          objectWith(members),
          cuts,
          encoding,
          replies,
          cuts,
          encoding,
          async (body, bodyCuts, sentAs, reply, replyCuts, repliedAs) => {
            const sent = encodings[sentAs](body);
            const replied = encodings[repliedAs](reply);
            answer = async (_request, response) => {
              response.writeHead(200, {
                'content-type': stream ? 'text/event-stream' : 'application/json',
                ...(repliedAs !== 'identity' && { 'content-encoding': repliedAs }),
                'x-upstream': 'yes',
              });
              for (const piece of pieces(replied, replyCuts)) {
                response.write(piece);
                await new Promise(setImmediate);
              }
              response.end();
            };
            const headers = { 'content-type': 'application/json', ...(sentAs !== 'identity' && { 'content-encoding': sentAs }) };
            const back = await send(`${gateway.url}${path}`, { headers, chunks: pieces(sent, bodyCuts), agent });
            const arrived = upstream.arrived.at(-1)!;
            assert.ok(arrived.body.equals(sent), 'the request body');
            assert.ok(back.body.equals(replied), 'the reply body');
            assert.deepEqual(
              [
                back.status,
                back.headers['content-encoding'] ?? 'identity',
                back.headers['x-upstream'],
                arrived.headers['content-encoding'] ?? 'identity',
              ],
              [200, repliedAs, 'yes', sentAs],
            );
            if (!path.startsWith('/passthrough')) assert.equal(arrived.url, path);
          },
        ),
        { numRuns },
      );
    });
  }

  test('a chat stream that does not ask for usage: only stream_options is added, only the usage chunk is taken out', async () => {
    const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n';
    const delta = 'data: {"model":"gpt-5-mini","choices":[{"index":0,"delta":{"content":"a"}}],"usage":null}\n\n';
    const last = 'data: [DONE]\n\n';
    const asking = ['"model":"gpt-5-mini"', '"stream":true'];
    await fc.assert(
      fc.asyncProperty(objectWith(asking), encoding, cuts, fc.nat({ max: 4 }), async (body, sentAs, replyCuts, deltas) => {
        answer = async (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const piece of pieces(Buffer.from(delta.repeat(deltas) + usage + last), replyCuts)) {
            response.write(piece);
            await new Promise(setImmediate);
          }
          response.end();
        };
        const headers = sentAs === 'identity' ? {} : { 'content-encoding': sentAs };
        const back = await send(`${gateway.url}/v1/chat/completions`, { headers, chunks: [encodings[sentAs](body)], agent });
        assert.equal(back.body.toString(), delta.repeat(deltas) + last);
        const arrived = upstream.arrived.at(-1)!;
        assert.equal(arrived.headers['content-encoding'], undefined);
        const text = arrived.body.toString();
        assert.match(text, /"stream_options":\{"include_usage":true\}/);
        const without = text.replace(/,"stream_options":\{"include_usage":true\}/, '');
        assert.equal(without.replaceAll(/\s/g, ''), body.toString().replaceAll(/\s/g, ''), 'every other byte but white space is kept');
      }),
      { numRuns },
    );
  });

  test('headers: unknown ones, beta flags and repeated ones arrive; hop-by-hop and our own do not', async () => {
    answer = (_request, response) =>
      void response
        .writeHead(200, ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'keep-alive', 'timeout=9', 'x-ratelimit-remaining', '7'])
        .end('{}');
    const headers = {
      'anthropic-beta': 'one,two',
      'anthropic-version': '2023-06-01',
      'x-new-header': 'Ünï'.normalize('NFC').replaceAll(/[^\x20-\xff]/g, ''),
      'X-Stainless-Retry-Count': '2',
      connection: 'x-per-hop, keep-alive',
      'x-per-hop': '1',
      'proxy-authorization': 'Basic abc',
      te: 'trailers',
      'x-modicum-app': 'shop',
      'x-modicum-whatever': '1',
      'helicone-property-plan': 'pro',
      authorization: 'Bearer of-the-client',
      'x-api-key': 'of-the-client',
    };
    const body = Buffer.from('{"model":"claude-opus-5-5","max_tokens":1,"messages":[]}');
    const back = await send(`${gateway.url}/v1/messages`, { headers, chunks: [body] });
    const { headers: got, rawHeaders } = upstream.arrived.at(-1)!;
    assert.deepEqual(
      [got['anthropic-beta'], got['anthropic-version'], got['x-new-header'], got['x-stainless-retry-count']],
      ['one,two', '2023-06-01', headers['x-new-header'], '2'],
    );
    const gone = [
      'x-per-hop',
      'proxy-authorization',
      'te',
      'x-modicum-app',
      'x-modicum-whatever',
      'helicone-property-plan',
      'authorization',
    ];
    assert.deepEqual(
      gone.filter((name) => got[name] !== undefined),
      [],
    );
    assert.equal(got['x-api-key'], providerKey);
    assert.equal(got['host'], new URL(upstream.url).host);
    assert.ok(rawHeaders.includes('X-Stainless-Retry-Count'), 'names keep their letters');
    assert.deepEqual([back.headers['set-cookie'], back.headers['x-ratelimit-remaining']], [['a=1', 'b=2'], '7']);
    assert.notEqual(back.headers['keep-alive'], 'timeout=9');
    assert.match(String(back.headers['x-modicum-request-id']), /^[0-9a-f-]{36}$/);
  });

  test('a client of chunked bodies and one of announced length get the same through', async () => {
    answer = (request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(request.body);
    const body = Buffer.from(`{"model":"gpt-5-mini","messages":[],"pad":"${'x'.repeat(300_000)}"}`);
    for (const chunks of [[body], pieces(body, [0.1, 0.5, 0.9])]) {
      const back = await send(`${gateway.url}/v1/chat/completions`, { chunks });
      assert.ok(back.body.equals(body));
      assert.equal(upstream.arrived.at(-1)!.headers['content-length'], String(body.length));
    }
  });
});

for (const [header, value] of [
  ['authorization', 'Bearer own'],
  ['x-api-key', 'own'],
  ['x-goog-api-key', 'own'],
  ['api-key', 'own'],
] as const) {
  test(`without a key of the gateway the client's ${header} goes on as it is`, async (t) => {
    const upstream = await startUpstream(t, (_request, response) => void response.end('{}'));
    const gateway = await startGateway(t, { providers: vendorsAt(upstream.url, { apiKey: undefined }) });
    const body = Buffer.from('{"model":"gpt-5-mini","messages":[]}');
    await send(`${gateway.url}/v1/chat/completions`, { headers: { [header]: value }, chunks: [body] });
    assert.equal(upstream.arrived[0]!.headers[header], value);
  });
}
