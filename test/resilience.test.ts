import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { ConfigInput } from '../src/config/schema.ts';
import { createEmulator, type Emulator } from '../src/emulator/emulator.ts';
import type { FaultName } from '../src/emulator/faults.ts';
import { filled, startGateway, type Gateway, type ProviderSpec } from './harness.ts';

interface Upstream {
  readonly emulator: Emulator;
  /** Requests that came, by their credential. */
  readonly keys: string[];
  /** What it does with the next calls, one each; then it is well. */
  readonly faults: (FaultName | undefined)[];
}

interface Stand extends Gateway {
  readonly upstreams: readonly [Upstream, Upstream, Upstream];
}

type Resilience = NonNullable<ConfigInput['resilience']>;

const names = ['a', 'b', 'c'] as const;

async function startUpstream(t: TestContext): Promise<Upstream & { readonly url: string }> {
  const faults: (FaultName | undefined)[] = [];
  const keys: string[] = [];
  const emulator = createEmulator({ faults: () => faults.shift(), stallMs: 5000 });
  emulator.server.prependListener('request', ({ headers }: { readonly headers: Readonly<Record<string, string | undefined>> }) => {
    keys.push(headers['authorization'] ?? '');
  });
  const { url } = await emulator.listen();
  t.after(() => emulator.close());
  return { emulator, keys, faults, url };
}

const targets = names.map((provider) => ({ provider, model: 'gpt-5-mini' }));

async function start(
  t: TestContext,
  {
    resilience,
    model = { targets },
    provider = {},
  }: { readonly resilience?: Resilience; readonly model?: object; readonly provider?: Partial<ProviderSpec> } = {},
): Promise<Stand> {
  const upstreams = await Promise.all(names.map(() => startUpstream(t)));
  const providers = upstreams.map(({ url }, at) => ({
    name: names[at]!,
    protocol: 'openai' as const,
    baseUrl: `${url}/v1`,
    apiKey: `key-${names[at]}`,
    prices: 'openai',
    timeouts: { firstByteMs: 300 },
    ...provider,
  }));
  const config = { models: { small: model }, ...(resilience && { resilience }) } as Partial<ConfigInput>;
  const gateway = await startGateway(t, { providers, config });
  return { ...gateway, upstreams: upstreams as unknown as Stand['upstreams'] };
}

const ask = async ({ url }: Gateway, body: object = {}, model = 'small') => {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer client' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Say something short.' }], ...body }),
  });
  return { status: response.status, text: await response.text() };
};

const attemptsOf = async (gateway: Gateway) =>
  (await gateway.records(1))[0]!.attempts.map(({ provider, status, outcome }) => [provider, status, outcome]);

describe('a call goes elsewhere before its first byte', () => {
  const faults: readonly { readonly fault: FaultName; readonly attempt: readonly unknown[] }[] = [
    { fault: 'status-500', attempt: ['a', 500, 'failed'] },
    { fault: 'status-429', attempt: ['a', 429, 'failed'] },
    { fault: 'reset-before-headers', attempt: ['a', undefined, 'failed'] },
    { fault: 'stall-first-byte', attempt: ['a', undefined, 'failed'] },
  ];
  for (const stream of [false, true])
    for (const { fault, attempt } of faults)
      test(`${fault}, ${stream ? 'stream' : 'whole'}`, async (t) => {
        const stand = await start(t);
        stand.upstreams[0].faults.push(fault);
        const { status, text } = await ask(stand, { stream });
        assert.equal(status, 200);
        assert.equal(text.includes('[DONE]'), stream);
        assert.deepEqual(await attemptsOf(stand), [attempt, ['b', 200, 'ok']]);
        const [record] = await stand.records(1);
        assert.deepEqual([record?.provider, record?.outcome, record?.requestModel], ['b', 'ok', 'small']);
        const [billed] = stand.upstreams[1].emulator.bill().calls;
        assert.deepEqual(filled(record!.attempts[1]!.usage!.buckets), filled(billed!.buckets));
        assert.equal(stand.upstreams[0].emulator.bill().calls.length, 0, 'the failed attempt was not billed');
      });

  test('no server there at all', async (t) => {
    const stand = await start(t);
    await stand.upstreams[0].emulator.close();
    assert.equal((await ask(stand)).status, 200);
    assert.deepEqual(await attemptsOf(stand), [
      ['a', undefined, 'failed'],
      ['b', 200, 'ok'],
    ]);
    const [record] = await stand.records(1);
    assert.deepEqual(record?.extraCost, { retries: 0, hedges: 0 }, 'a refused connection costs nothing');
    const deployments = stand.app.status()['deployments'] as Readonly<
      Record<string, { readonly breaker: string; readonly inFlight: number }>
    >;
    assert.deepEqual(
      Object.entries(deployments).map(([id, { breaker, inFlight }]) => [id, breaker, inFlight]),
      ['a', 'b', 'c'].map((name) => [`${name}/gpt-5-mini`, 'closed', 0]),
    );
  });

  test('what a stalled attempt may have cost is in the record, apart', async (t) => {
    const stand = await start(t);
    stand.upstreams[0].faults.push('stall-first-byte');
    await ask(stand);
    const [record] = await stand.records(1);
    const [stalled, answered] = record!.attempts;
    assert.ok(stalled!.cost.total! > 0, 'its prompt was surely read, so it is estimated');
    assert.equal(record?.extraCost?.retries, stalled!.cost.total);
    assert.equal(record?.cost.total, stalled!.cost.total! + answered!.cost.total!);
  });

  test('a model name of the targets goes to each, under the key of each', async (t) => {
    const stand = await start(t);
    stand.upstreams[0].faults.push('status-503');
    await ask(stand);
    assert.deepEqual([stand.upstreams[0].keys, stand.upstreams[1].keys], [['Bearer key-a'], ['Bearer key-b']]);
  });

  test('a stream broken half way is not begun again', async (t) => {
    const stand = await start(t);
    stand.upstreams[0].faults.push('reset-mid-stream');
    const error = await ask(stand, { stream: true }).then(
      ({ text }) => text,
      () => 'cut',
    );
    assert.ok(error === 'cut' || error.includes('provider_error'), error);
    assert.equal(stand.upstreams[1].keys.length, 0);
    const [record] = await stand.records(1);
    assert.deepEqual([record?.outcome, record?.attempts.length], ['truncated', 1]);
  });

  test('when everything fails the client gets one error, and the record all attempts', async (t) => {
    const stand = await start(t, { resilience: { backoffMs: 1, maxAttempts: 4 } });
    for (const { faults: told } of stand.upstreams) told.push('status-503', 'status-503');
    const { status } = await ask(stand);
    assert.equal(status, 503);
    assert.deepEqual(
      (await attemptsOf(stand)).map(([provider]) => provider),
      ['a', 'b', 'c', 'a'],
    );
  });
});

describe('a provider with limits and keys', () => {
  test('the next key answers when one has met its limit', async (t) => {
    const provider = { apiKeys: ['k1', 'k2'] };
    const stand = await start(t, { provider, model: { provider: 'a', model: 'gpt-5-mini' } });
    stand.upstreams[0].faults.push('status-429');
    assert.equal((await ask(stand)).status, 200);
    await ask(stand);
    assert.deepEqual(stand.upstreams[0].keys, ['Bearer k1', 'Bearer k2', 'Bearer k2']);
  });

  test('more calls than it may have at one time go to the next target', async (t) => {
    const provider = { limit: { maxConcurrent: 1, maxQueued: 0 } };
    const stand = await start(t, { provider });
    const answers = await Promise.all([ask(stand), ask(stand), ask(stand)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.deepEqual(
      stand.upstreams.map(({ keys }) => keys.length),
      [1, 1, 1],
    );
    assert.deepEqual(stand.app.status()['providers'], {
      a: { inFlight: 0, queued: 0 },
      b: { inFlight: 0, queued: 0 },
      c: { inFlight: 0, queued: 0 },
    });
  });

  test('with one place to go they wait their turn, or are refused', async (t) => {
    const provider = { limit: { maxConcurrent: 1, maxQueued: 1 } };
    const stand = await start(t, { provider, model: { provider: 'a', model: 'gpt-5-mini' } });
    const answers = await Promise.all([ask(stand), ask(stand), ask(stand)]);
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 200, 503],
    );
    const refused = (await stand.records(3)).find(({ status }) => status === 503);
    assert.deepEqual([refused?.errorCode, refused?.attempts], ['overloaded', []]);
  });
});

describe('the defaults for a model with one place to go', () => {
  const model = { provider: 'a', model: 'gpt-5-mini' };

  test('503 with Retry-After is repeated once', async (t) => {
    const stand = await start(t, { model });
    stand.upstreams[0].faults.push('status-503');
    assert.equal((await ask(stand)).status, 200);
    assert.equal((await attemptsOf(stand)).length, 2);
  });

  test('500 is passed on as it came', async (t) => {
    const stand = await start(t, { model });
    stand.upstreams[0].faults.push('status-500');
    const { status, text } = await ask(stand);
    assert.equal(status, 500);
    assert.match(text, /scripted fault status-500/);
    assert.equal((await attemptsOf(stand)).length, 1);
  });
});

test('a slow call is hedged when that is on; both attempts are in the record', async (t) => {
  const resilience = { hedge: { enabled: true, minSamples: 5, maxExtraCostShare: 1 } };
  const stand = await start(t, { resilience, provider: { timeouts: { firstByteMs: 4000 } } });
  for (let call = 0; call < 8; call += 1) await ask(stand);
  stand.upstreams[0].faults.push('stall-first-byte');
  assert.equal((await ask(stand)).status, 200);
  const record = (await stand.records(9)).at(-1)!;
  assert.deepEqual(
    record.attempts.map(({ provider, outcome, hedge }) => [provider, outcome, hedge]),
    [
      ['a', 'aborted', 'lost'],
      ['b', 'ok', 'won'],
    ],
  );
  assert.ok(record.extraCost!.hedges! > 0, 'the prompt of the cancelled one was read, as far as is known');
});

test('a prompt that does not fit goes to the model for long prompts', async (t) => {
  const stand = await start(t, { model: { targets: [targets[0]!], onContextOverflow: ['b/gpt-5'] } });
  const [long] = stand.upstreams;
  long.emulator.server.removeAllListeners('request');
  long.emulator.server.on('request', (request, response) => {
    request.resume();
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}');
  });
  assert.equal((await ask(stand)).status, 200);
  const [record] = await stand.records(1);
  assert.deepEqual([record?.provider, record?.attempts.length], ['b', 2]);
  assert.match(record!.model, /^gpt-5/);
});
