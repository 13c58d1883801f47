import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { getBody } from '../src/ledger/bodies.ts';
import { startGateway, type Cleanup, type ProviderSpec } from './harness.ts';
import { chatPath, startUpstream, type Answer } from './upstream.ts';

const email = 'jane.doe@example.org';
const placeholderIn = (body: Buffer): string => /MASKED_EMAIL_[a-z2-9]{12}/.exec(body.toString())![0];

const masking = { labels: { personal: { policy: 'mask' } }, rules: [{ label: 'personal', detectors: ['personal'] }] } as const;
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const usage = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 };
const lastChunk = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [], usage })}\n\ndata: [DONE]\n\n`;

async function standOf(t: Cleanup, answer: Answer, config: object, more: Partial<ProviderSpec> = {}) {
  const upstream = await startUpstream(t, answer);
  const providers = [
    { name: 'far', protocol: 'openai', baseUrl: `${upstream.url}/v1`, apiKey: 'k', cloud: { hosting: 'api' }, ...more },
  ] as const;
  return { upstream, gateway: await startGateway(t, { providers, config }) };
}

const post = (url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

suite('a masked call that crosses from one API to another', () => {
  test('comes back restored wherever the provider cuts a placeholder, its usage as the provider told it', async (t) => {
    let cut = 0;
    const answer: Answer = ({ body }, response) => {
      const placeholder = placeholderIn(body);
      const said = `to ${placeholder}!`;
      const args = JSON.stringify({ to: placeholder });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ role: 'assistant', content: said.slice(0, cut) }) + chunk({ content: said.slice(cut) }));
      response.write(
        chunk({ tool_calls: [{ index: 0, id: 't', type: 'function', function: { name: 'send', arguments: args.slice(0, cut) } }] }),
      );
      response.write(chunk({ tool_calls: [{ index: 0, function: { arguments: args.slice(cut) } }] }));
      response.end(chunk({}, 'tool_calls') + lastChunk);
    };
    const { upstream, gateway } = await standOf(t, answer, { sensitivity: masking });
    const length = `to ${'x'.repeat('MASKED_EMAIL_'.length + 12)}!`.length;
    for (cut = 0; cut <= length; cut += 1) {
      const tools = [{ name: 'send', input_schema: { type: 'object' } }];
      const reply = await post(`${gateway.url}/v1/messages`, {
        model: 'far/m',
        max_tokens: 100,
        stream: true,
        tools,
        messages: [{ role: 'user', content: `Write to ${email}` }],
      });
      const events = Array.from(
        (await reply.text()).matchAll(/data: (\{.*)/g),
        ([, json]) => JSON.parse(json!) as { delta?: { text?: string; partial_json?: string } },
      );
      const text = events.map(({ delta }) => delta?.text ?? '').join('');
      const input = events.map(({ delta }) => delta?.partial_json ?? '').join('');
      assert.deepEqual([text, JSON.parse(input)], [`to ${email}!`, { to: email }], `cut at ${cut}`);
    }
    assert.ok(upstream.arrived.every(({ body }) => !body.includes('jane')));
    const records = await gateway.records(length + 1);
    assert.deepEqual(
      new Set(records.map(({ buckets, annotations }) => JSON.stringify([buckets, annotations?.sensitivity]))),
      new Set([JSON.stringify([{ input: 12, output: 7 }, 'personal'])]),
    );
  });
});

suite('values reach neither ledger, log, error nor stored body', () => {
  const secret = 'sk-ant-api03-abcDEF123456ghiJKL789012';
  const call = { model: 'far/m', messages: [{ role: 'user', content: `I am ${email}, key ${secret}` }] };
  const bodies = { ledger: { bodies: { store: 'on' } } } as const;

  test('stored bodies are redacted without any label, a value cut across events as well', async (t) => {
    const answer: Answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        chunk({ content: 'Hello jane.do' }) +
          chunk({ content: 'e@example' }) +
          chunk({ content: '.org, hi' }) +
          chunk({}, 'stop') +
          lastChunk,
      );
    };
    const { gateway } = await standOf(t, answer, bodies);
    const text = await (await post(`${gateway.url}${chatPath}`, { ...call, stream: true })).text();
    assert.ok(text.includes('jane.do'), 'the client gets its reply as it is');
    const [record] = await gateway.records(1);
    await gateway.close();
    const stored = (hash: string | undefined): string => getBody(gateway.dataDir, hash!)!.toString();
    assert.equal(
      stored(record!.bodies!.request),
      JSON.stringify({
        ...call,
        messages: [{ role: 'user', content: 'I am [redacted:email], key [redacted:anthropic_key]' }],
        stream: true,
      }),
    );
    const reply = stored(record!.bodies!.reply);
    assert.ok(reply.startsWith(chunk({ content: 'Hello [redacted:email]' }) + chunk({ content: '' }) + chunk({ content: ', hi' })), reply);
  });

  test('a body that cannot be read is not stored', async (t) => {
    const answer: Answer = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'made-up' }).end(email);
    const { gateway } = await standOf(t, answer, bodies);
    await (await post(`${gateway.url}${chatPath}`, call)).arrayBuffer();
    const [record] = await gateway.records(1);
    assert.deepEqual(Object.keys(record!.bodies!), ['request']);
  });

  test('a refusal names kinds in the error, and leaves nothing behind', async (t) => {
    const config = {
      ...bodies,
      sensitivity: { labels: { secret: { policy: 'refuse' } }, rules: [{ label: 'secret', detectors: ['secret', 'email'] }] },
    };
    const { upstream, gateway } = await standOf(t, () => assert.fail('asked'), config);
    const reply = await post(`${gateway.url}${chatPath}`, call);
    const { error } = (await reply.json()) as { error: { code: string; message: string } };
    assert.deepEqual([reply.status, error.code], [403, 'sensitive_data']);
    assert.equal(error.message, 'the call is labelled "secret" and must not be sent: it holds anthropic_key, email');
    const [record] = await gateway.records(1);
    assert.deepEqual([record!.outcome, record!.errorCode, record!.annotations?.sensitivity], ['refused', 'sensitive_data', 'secret']);
    const left = JSON.stringify([record, gateway.log, getBody(gateway.dataDir, record!.bodies!.request!)!.toString()]);
    assert.ok(!left.includes('jane') && !left.includes('sk-ant'));
    assert.equal(upstream.arrived.length, 0);
  });
});

suite('a call that its client labels', () => {
  const local = { sensitivity: { labels: { confidential: { policy: 'local-only' } } } } as const;
  const hello = { model: 'far/m', messages: [{ role: 'user', content: 'hi' }] };
  const label = { 'x-modicum-sensitivity': 'confidential' };

  test('is refused where its provider is elsewhere, passed-through requests too', async (t) => {
    const { upstream, gateway } = await standOf(t, () => assert.fail('asked'), local);
    for (const url of [`${gateway.url}${chatPath}`, `${gateway.url}/passthrough/far/v1/files`]) {
      const reply = await post(url, hello, label);
      const text = await reply.text();
      assert.equal(reply.status, 403, text);
      assert.ok(text.includes('no_local_provider'), text);
    }
    assert.equal(upstream.arrived.length, 0);
    for (const { api, annotations } of await gateway.records(2)) assert.equal(annotations?.sensitivity, 'confidential', api);
  });

  test('is served by a provider of ones own, which does not see the header', async (t) => {
    const answer: Answer = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    const { upstream, gateway } = await standOf(t, answer, local, { cloud: { hosting: 'self-hosted' } });
    assert.equal((await post(`${gateway.url}${chatPath}`, hello, label)).status, 200);
    assert.equal(upstream.arrived[0]!.headers['x-modicum-sensitivity'], undefined);
  });

  test('by a name nobody configured is an error', async (t) => {
    const { gateway } = await standOf(t, () => assert.fail('asked'), {});
    const reply = await post(`${gateway.url}${chatPath}`, hello, label);
    assert.equal(reply.status, 400);
  });
});
