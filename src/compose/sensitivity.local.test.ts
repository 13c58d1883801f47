import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createCatalog } from '../catalog/catalog.ts';
import { completeModels } from '../config/model.ts';
import { newProvider } from '../config/provider.ts';
import { configSchema, type Config } from '../config/schema.ts';
import { upstreamOf } from '../config/upstream.ts';
import type { Hosting } from '../core/api.ts';
import { balances } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import { pipeline, settleAttempts, type Handler } from '../core/pipeline.ts';
import { Reply } from '../core/reply.ts';
import { createDispatch } from '../providers/dispatch.ts';
import { SensitivityMemory } from '../stages/sensitivity/memory.ts';
import { createFallback } from '../stages/fallback/create.ts';
import { VirtualClock } from '../stages/fallback/testing.ts';
import { routingOf } from './routing.ts';
import { callOf, scopeOf } from './sensitivity.fixture.ts';
import { sensitivityOf } from './sensitivity.ts';

const names = ['a', 'b', 'c', 'd', 'e'] as const;
const hostings: readonly Hosting[] = ['api', 'cloud', 'self-hosted'];
const labelled = { model: 'm', messages: [{ role: 'user', content: 'This is strictly confidential.' }] };
const harmless = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

interface Setting {
  readonly hosting: readonly Hosting[];
  readonly localProviders: readonly string[];
  readonly targets: readonly string[];
  readonly fallbacks: readonly string[];
  readonly onContextOverflow: readonly string[];
  readonly balance: (typeof balances)[number];
  readonly isHedging: boolean;
  readonly statuses: readonly number[];
  readonly latencies: readonly number[];
}

function configOf({ hosting, localProviders, targets, fallbacks, onContextOverflow, balance, isHedging }: Setting): Config {
  const list = (providers: readonly string[]): string[] => providers.map((name) => `${name}/m`);
  const parsed = configSchema.parse({
    sensitivity: {
      labels: { confidential: { policy: 'local-only' } },
      rules: [{ label: 'confidential', words: ['strictly confidential'] }],
      localProviders,
    },
    models: {
      m: {
        targets: targets.map((provider) => ({ provider })),
        balance,
        ...(fallbacks.length > 0 && { fallbacks: list(fallbacks) }),
        ...(onContextOverflow.length > 0 && { onContextOverflow: list(onContextOverflow) }),
      },
    },
    resilience: { maxAttempts: 6, maxPaidAttempts: 4, hedge: { enabled: isHedging, minSamples: 2, maxExtraCostShare: 1 } },
  });
  const providers = names.map((name, at) => {
    const provider = newProvider(name, { protocol: 'openai', baseUrl: `http://${name}.example/v1` }, { apiKey: 'k' });
    return [name, { ...provider, hosting: hosting[at]! }] as const;
  });
  return { ...parsed, dataDir: '', providers: Object.fromEntries(providers), models: completeModels(parsed.models) };
}

const overflow = Buffer.from('{"error":{"code":"context_length_exceeded"}}');

/** Runs calls through the guard and the choice of places, up to where they would be sent. */
async function reached(setting: Setting, bodies: readonly object[]) {
  const config = configOf(setting);
  const routing = routingOf(config, createCatalog({}));
  const clock = new VirtualClock();
  const fallback = createFallback(config.resilience, { planOf: routing.planOf, clock });
  const sent: { readonly provider: string; readonly isLabelled: boolean }[] = [];
  const errors: string[] = [];
  let turn = 0;
  const send: Handler = async (call, scope) => {
    const { provider } = routing.find(call, scope);
    sent.push({ provider: provider.name, isLabelled: scope.confined !== undefined });
    const at = (turn += 1);
    const status = setting.statuses[at % setting.statuses.length]!;
    await new Promise<void>((resolve) => void clock.after(setting.latencies[at % setting.latencies.length]!, resolve));
    const servedBy = { kind: 'provider', name: provider.name, hosting: provider.hosting, model: 'm' } as const;
    return new Reply(
      servedBy,
      { status, headers: [] },
      {
        to(sink) {
          sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
          sink.write(status === 400 ? overflow : Buffer.from('{}'));
          sink.end();
        },
      },
    );
  };
  const handler = pipeline([sensitivityOf(config, new SensitivityMemory({ maxIds: 10 })), fallback.stage], send);
  for (const body of bodies) {
    const scope = scopeOf({ startedMonotonicMs: clock.nowMs() });
    try {
      const reply = await handler(callOf('openai.chat', body, false), scope);
      await new Promise<void>((resolve) => reply.bytes.to({ open: () => {}, write: () => {}, end: () => resolve() }));
    } catch (error) {
      errors.push(GatewayError.from(error).code);
    }
    await settleAttempts(scope);
  }
  return {
    sent,
    errors,
    isLocal: (name: string) => config.providers[name]!.hosting === 'self-hosted' || setting.localProviders.includes(name),
  };
}

const some = (min: number, max: number) => fc.uniqueArray(fc.constantFrom<string>(...names), { minLength: min, maxLength: max });
const setting: fc.Arbitrary<Setting> = fc.record({
  hosting: fc.array(fc.constantFrom(...hostings), { minLength: names.length, maxLength: names.length }),
  localProviders: some(0, 1),
  targets: some(1, 4),
  fallbacks: some(0, 4),
  onContextOverflow: some(0, 3),
  balance: fc.constantFrom(...balances),
  isHedging: fc.boolean(),
  statuses: fc.array(fc.constantFrom(200, 400, 429, 500, 503), { minLength: 1, maxLength: 7 }),
  latencies: fc.array(fc.constantFrom(1, 10, 5000), { minLength: 1, maxLength: 5 }),
});

suite('a call that must stay', () => {
  test('never reaches a provider elsewhere, whatever the configuration and however providers fail', async () => {
    let went = 0;
    let hedged = 0;
    await fc.assert(
      fc.asyncProperty(setting, async (given) => {
        const bodies = Array.from({ length: 8 }, (_, at) => (at % 3 === 1 ? harmless : labelled));
        const { sent, errors, isLocal } = await reached(given, bodies);
        const confined = sent.filter(({ isLabelled }) => isLabelled);
        for (const { provider } of confined) assert.ok(isLocal(provider), `reached ${provider}`);
        const mayServe = [...given.targets, ...given.fallbacks].some(isLocal);
        assert.equal(errors.includes('no_local_provider'), !mayServe);
        assert.equal(confined.length > 0, mayServe, 'where a local place is left, it is asked');
        went += confined.length;
        hedged += given.isHedging ? confined.length : 0;
      }),
      { numRuns: 300 },
    );
    assert.ok(went > 500 && hedged > 200, 'the property was tried on calls that left');
  });

  const elsewhere: Setting = {
    hosting: ['api', 'self-hosted', 'cloud', 'api', 'api'],
    localProviders: [],
    targets: ['a'],
    fallbacks: [],
    onContextOverflow: [],
    balance: 'order',
    isHedging: false,
    statuses: [200],
    latencies: [1],
  };

  test('goes to the local fallback of a model whose targets are all elsewhere', async () => {
    const { sent } = await reached({ ...elsewhere, fallbacks: ['c', 'b'] }, [labelled]);
    assert.deepEqual(sent, [{ provider: 'b', isLabelled: true }]);
  });

  test('goes to a provider that the configuration calls local', async () => {
    const { sent } = await reached({ ...elsewhere, localProviders: ['a'] }, [labelled]);
    assert.deepEqual(sent, [{ provider: 'a', isLabelled: true }]);
  });

  test('is refused with the label and the fix where no local place is left', async () => {
    const config = configOf(elsewhere);
    const routing = routingOf(config, createCatalog({}));
    const { stage } = createFallback(config.resilience, { planOf: routing.planOf });
    const handler = pipeline([sensitivityOf(config, new SensitivityMemory({ maxIds: 10 })), stage], () => assert.fail('sent'));
    await assert.rejects(handler(callOf('openai.chat', labelled, false), scopeOf()), {
      code: 'no_local_provider',
      message:
        'the call is labelled "confidential" and may go to local providers only, and none of those it could go to is one; ' +
        'give the model a self-hosted target or fallback, or name the provider in sensitivity.localProviders',
    });
  });
});

suite('the last check, where calls leave', () => {
  const confined = { label: 'confidential', hosting: ['self-hosted'], providers: [] } as const;
  const remote = upstreamOf({
    ...newProvider('far', { protocol: 'openai', baseUrl: 'http://127.0.0.1:9/v1' }, { apiKey: 'k' }),
    hosting: 'api',
  });
  const dispatch = createDispatch({ forwardsReplyHeader: () => true });

  test('stops a call that some stage has sent elsewhere', async () => {
    const handler = dispatch.handler(() => ({ provider: remote, model: 'm' }));
    await assert.rejects(handler(callOf('openai.chat', harmless, false), scopeOf({ confined })), { code: 'no_local_provider' });
    const keyed = dispatch.handler(() => ({
      provider: { ...remote, limit: { maxConcurrent: 1, maxQueued: 0, queueTimeoutMs: 1 } },
      model: 'm',
    }));
    for (let turn = 0; turn < 3; turn += 1)
      await assert.rejects(
        keyed(callOf('openai.chat', harmless, false), scopeOf({ confined })),
        { code: 'no_local_provider' },
        'and keeps no turn',
      );
  });

  test('stops a request that is passed through', async () => {
    const request = { path: '/v1/files', method: 'GET', body: null, contentEncoding: undefined };
    await assert.rejects(dispatch.raw(remote, request, scopeOf({ confined })), { code: 'no_local_provider' });
  });
});
