import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import type { CallRecord } from '../core/record.ts';
import type { NanoUsd } from '../core/usage.ts';
import { call, cost } from '../ledger/fixtures.ts';
import type { RecordedCall, RehearsedCall, Rehearsal } from './recorded.ts';
import { createWhatIf } from './run.ts';
import { maxRows, otherRows } from './sums.ts';

const providers = { a: { protocol: 'openai', baseUrl: 'https://a.example/v1' } } as const;
const configured = async (promptCache: 'on' | 'off'): Promise<Config> =>
  (await loadConfig({ env: {}, cwd: import.meta.dirname, data: { providers, savings: { stages: { promptCache } } }, withoutSecrets: true }))
    .config;
const [before, policy] = [await configured('off'), await configured('on')];

const recorded = (changes: Partial<RecordedCall> = {}): RecordedCall => ({
  api: 'openai.chat',
  pieces: ['{', '}'],
  at: 1000,
  labels: { app: 'shop' },
  reply: { content: '', tools: [] },
  today: undefined,
  ...changes,
});

type Answer = (call: RehearsedCall, isPolicy: boolean) => Partial<CallRecord>;

/** Runs calls against rehearsals that answer as they are told. */
async function whatIf(calls: readonly RecordedCall[], answer: Answer, signal?: AbortSignal) {
  const asked: RehearsedCall[] = [];
  const open = (config: Config): Rehearsal => ({
    run: async (given) => {
      asked.push(given);
      return call({ at: given.at, ...answer(given, config === policy) });
    },
    bill: () => ({ totals: { calls: 0, incompleteCalls: 0, unpricedCalls: 0, buckets: {}, costNanoUsd: 0n }, byModel: {}, calls: [] }),
    close: async () => {},
  });
  const run = createWhatIf({ before, policy, ablation: false, open, signal });
  for (const each of calls) run.see({ call: each });
  const result = await run.run();
  run.close();
  return { result, asked };
}

const costing =
  (today: number | null, then: number | null): Answer =>
  (_, isPolicy) => ({ cost: cost(isPolicy ? then : today) });

test('calls are made again in order of time, with the body of the record', async () => {
  const calls = [recorded({ at: 30, pieces: ['{"a":', '3}'] }), recorded({ at: 10, pieces: ['{"a":', '1}'] }), recorded({ at: 20 })];
  const { asked, result } = await whatIf(calls, costing(10, 4));
  assert.deepEqual(asked.map(({ at, body }) => [at, body.toString()]), [10, 10, 20, 20, 30, 30].map((at) => [at, at === 20 ? '{}' : `{"a":${at / 10}}`])); // prettier-ignore
  assert.deepEqual([result.from, result.to], ['1970-01-01T00:00:00.010Z', '1970-01-01T00:00:00.030Z']);
  assert.deepEqual([result.calls, result.saved, result.savedShare], [3, 18, 0.6]);
});

test('a call without a price on one side is in no amount, and none at all is unknown', async () => {
  const mixedPrices = await whatIf([recorded(), recorded({ labels: {} })], ({ labels }, isPolicy) => ({
    cost: cost(labels.app === 'shop' && isPolicy ? null : 10),
    model: isPolicy ? 'new' : 'old',
  }));
  assert.deepEqual([mixedPrices.result.calls, mixedPrices.result.unpricedCalls, mixedPrices.result.unpricedModels], [2, 1, ['new']]);
  assert.deepEqual([mixedPrices.result.baseline.cost, mixedPrices.result.policy.cost, mixedPrices.result.saved], [10, 10, 0]);
  const { result } = await whatIf([recorded()], costing(null, 10));
  assert.deepEqual([result.saved, result.savedShare, result.expected], [null, null, null]);
});

test('what the policy refuses is no saving', async () => {
  const { result } = await whatIf([recorded(), recorded()], ({ id }, isPolicy) =>
    isPolicy && id === 'call-1' ? { outcome: 'refused', errorCode: 'sensitive_data', cost: cost(0) } : { cost: cost(10) },
  );
  assert.deepEqual([result.calls, result.saved, result.lost], [1, 0, [{ code: 'sensitive_data', calls: 1 }]]);
});

test("what today's configuration refuses is not rehearsed further", async () => {
  const { result, asked } = await whatIf([recorded({ today: { cost: 7 as NanoUsd, buckets: {}, model: 'm' } })], () => ({
    outcome: 'refused',
    errorCode: 'model_not_found',
  }));
  assert.deepEqual([asked.length, result.calls, result.notRehearsed], [1, 0, [{ reason: 'refused:model_not_found', calls: 1, cost: 7 }]]);
});

test('a body that cannot be read is told; other faults are faults', async () => {
  const failing =
    (error: Error): Answer =>
    () => {
      throw error;
    };
  const { result } = await whatIf([recorded()], failing(new GatewayError('invalid_request', 'no JSON')));
  assert.deepEqual(result.notRehearsed, [{ reason: 'unreadable', calls: 1, cost: 0 }]);
  await assert.rejects(whatIf([recorded()], failing(new TypeError('a defect'))), TypeError);
});

test('the recorded bill is the measure: what is expected is its share', async () => {
  const today = { cost: 200 as NanoUsd, buckets: { input: 50, cacheRead: 50 }, model: 'm' };
  const unknown = { ...today, cost: null };
  const { result } = await whatIf([recorded({ today }), recorded({ today: unknown }), recorded()], (_, isPolicy) => ({
    cost: cost(isPolicy ? 50 : 100),
    buckets: { input: 75, cacheRead: 25 },
  }));
  assert.deepEqual(result.calibration, {
    calls: 1,
    today: 200,
    baseline: 100,
    policy: 50,
    ratio: 0.5,
    readShareToday: 0.5,
    readShareBaseline: 0.25,
  });
  assert.deepEqual([result.expected, result.today?.calls, result.today?.unpricedCalls], [100, 2, 1]);
});

test('what became of calls is counted', async () => {
  const attempt = call().attempts[0] ?? ({ dropped: [] } as unknown as CallRecord['attempts'][number]);
  const answers: readonly (readonly [Partial<CallRecord>, Partial<CallRecord>])[] = [
    [
      { attempts: [attempt], cost: cost(10) },
      { usageSource: 'cache', attempts: [], cost: cost(0) },
    ],
    [
      { attempts: [attempt], cost: cost(10) },
      { attempts: [attempt], model: 'other', cost: cost(25) },
    ],
    [
      { attempts: [attempt], cost: cost(10) },
      { attempts: [{ ...attempt, dropped: ['field:x'] }], finishReason: 'length', cost: cost(10) },
    ],
  ];
  const { result } = await whatIf(answers.map((_, at) => recorded({ at })), ({ at }, isPolicy) => answers[at]![isPolicy ? 1 : 0]); // prettier-ignore
  assert.deepEqual(result.changes, { answeredFromCache: 1, rerouted: 1, cut: 1, dropped: 1, cheaper: 1, dearer: 1, dearerBy: 15 });
});

test('what stages say of themselves stands beside what they did', async () => {
  const saving = { stage: 'prompt-cache', inputTokens: 5, outputTokens: 0, basis: 'measured', cost: 3 as NanoUsd } as const;
  const { result } = await whatIf([recorded(), recorded()], (_, isPolicy) => ({
    cost: cost(isPolicy ? 6 : 10),
    annotations: isPolicy
      ? { savings: [{ ...saving, mode: 'on' }, { ...saving, mode: 'observe' }, { ...saving, stage: 'routes', mode: 'on', cost: null, basis: 'estimated' }] }
      : {},
  })); // prettier-ignore
  assert.deepEqual(result.stages, [
    { stage: 'prompt-cache', saved: 8, own: { stage: 'prompt-cache', calls: 2, cost: 6, inputTokens: 10, outputTokens: 0, unknown: 0, basis: 'measured' } },
    { stage: 'routes', saved: 0, own: { stage: 'routes', calls: 2, cost: 0, inputTokens: 10, outputTokens: 0, unknown: 2, basis: 'estimated' } },
  ]); // prettier-ignore
});

for (const [apps, expected] of [
  [maxRows, maxRows],
  [maxRows + 1, maxRows + 1],
  [maxRows + 5, maxRows + 1],
] as const)
  test(`${apps} apps make ${expected} rows`, async () => {
    const { result } = await whatIf(Array.from({ length: apps }, (_, at) => recorded({ at, labels: { app: `app-${at}` } })), costing(10, 10)); // prettier-ignore
    assert.equal(result.byApp.length, expected);
    assert.equal(result.byApp.some(({ key }) => key === otherRows), apps > maxRows); // prettier-ignore
    assert.equal(result.byApp.reduce((sum, { policy: sums }) => sum + sums!.calls, 0), apps); // prettier-ignore
  });

test('it stops when it is told to', async () => {
  const stop = new AbortController();
  const { asked } = await whatIf([recorded(), recorded()], () => (stop.abort(), {}), stop.signal);
  assert.equal(asked.length, 2, 'the first call, for both');
});
