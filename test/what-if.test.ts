import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readConversation, type Conversation } from '../src/cli/replay/conversation.ts';
import { readRecording } from '../src/cli/replay/recording.ts';
import { replay } from '../src/cli/replay/replay.ts';
import { senderTo } from '../src/cli/replay/send.ts';
import { ran } from '../src/cli/testing.ts';
import { readConversations } from '../src/cli/what-if/conversations.ts';
import { createRehearsal } from '../src/compose/rehearsal.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Config, ConfigInput } from '../src/config/schema.ts';
import type { CallRecord } from '../src/core/record.ts';
import type { WhatIfResult } from '../src/what-if/result.ts';
import { createWhatIf } from '../src/what-if/run.ts';
import { startStand, temporaryFolder, type Stand } from './harness.ts';

/** The folder of recorded data; without it the transcripts are made up. */
const data = process.env['MODICUM_DATA'];
const noHoldout = { holdout: 0, stageHoldout: 0 };
const policyOn = {
  savings: { ...noHoldout, stages: { promptCache: 'on', exactCache: 'on', promptRepair: 'on' } },
  cache: { exact: { deterministicOnly: false, toolCalls: true } },
} as const;
const policyOff = { savings: { ...noHoldout, stages: { promptCache: 'off' } } } as const;

const words = (count: number, about: string): string => Array.from({ length: count }, (_, index) => `${about}${index}`).join(' ');

/** An agent that reads files: instructions and tools of some thousand tokens, results of some hundred. */
const agent = (id: string, turns: number): object => ({
  id,
  tools: [{ type: 'function', function: { name: 'read', description: words(300, 'tool'), parameters: { type: 'object' } } }],
  messages: [
    { role: 'system', content: words(900, 'rule') },
    { role: 'user', content: `Mend ${id}.` },
    ...Array.from({ length: turns }, (_, turn) => [
      { role: 'assistant', content: `I look at ${turn}.`, tool_calls: [{ id: `c${turn}`, type: 'function', function: { name: 'read', arguments: `{"file":${turn}}` } }] },
      { role: 'tool', tool_call_id: `c${turn}`, content: words(120, `line${turn}x`) },
    ]).flat(),
    { role: 'assistant', content: 'Done.' },
  ],
}); // prettier-ignore

async function transcripts(folder: string): Promise<string> {
  if (data !== undefined) return join(data, 'context/agents/transcripts.jsonl.gz');
  const path = join(folder, 'agents.jsonl');
  await writeFile(
    path,
    [agent('a', 6), agent('b', 3), agent('c', 1), { ...agent('a', 6), id: 'again' }].map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  return path;
}

const limit = 4;
const betweenCallsMs = 10;

interface Way {
  readonly api: 'chat' | 'messages' | 'generate';
  readonly model: string;
}

async function sendAll(stand: Stand, conversations: readonly Conversation[], { api, model }: Way): Promise<readonly CallRecord[]> {
  const sender = senderTo(new URL(stand.url), 1);
  try {
    const options = { api, model, app: undefined, stream: false, cache: false, concurrency: 1, run: 'test' };
    const progress = { step: () => {}, note: (line: string) => assert.fail(line), end: () => {} };
    const summary = await replay(conversations, { sender, progress, signal: new AbortController().signal, options });
    return await stand.records(summary.calls);
  } finally {
    await sender.close();
  }
}

const providers = {
  openai: { protocol: 'openai', baseUrl: 'https://api.openai.com/v1' },
  anthropic: { protocol: 'anthropic', baseUrl: 'https://api.anthropic.com' },
  google: { protocol: 'google', baseUrl: 'https://generativelanguage.googleapis.com' },
} as const;

const configured = async (data: Partial<ConfigInput>): Promise<Config> =>
  (await loadConfig({ env: {}, cwd: import.meta.dirname, data: { ...data, providers }, withoutSecrets: true })).config;

/** Calls one after the other, some ms apart, as the real run sends them. */
async function whatIf(
  path: string,
  way: Way,
  before: Partial<ConfigInput>,
  policy: Partial<ConfigInput>,
  ablation = false,
): Promise<WhatIfResult> {
  const run = createWhatIf({ before: await configured(before), policy: await configured(policy), ablation, open: createRehearsal });
  try {
    const startMs = Date.now();
    await readConversations(path, { ...way, cache: false, startMs, limit }, (call) =>
      run.see({ call: { ...call, at: startMs + run.size * betweenCallsMs } }),
    );
    return await run.run();
  } finally {
    run.close();
  }
}

for (const way of [
  { api: 'messages', model: 'claude-sonnet-5' },
  { api: 'chat', model: 'gpt-5.6-sol' },
  { api: 'chat', model: 'gpt-5.5' },
  { api: 'generate', model: 'gemini-2.5-pro' },
] as const)
  test(`under a policy the bill is that of a gateway with this policy, to the nano-dollar: ${way.model}`, async (t) => {
    const path = await transcripts(await temporaryFolder(t));
    const stand = await startStand(t, { config: policyOn });
    const conversations = (await readRecording(path, path)).slice(0, limit);
    const records = await sendAll(stand, conversations, way);
    const result = await whatIf(path, way, policyOff, policyOn);
    const bill = stand.emulator.bill();
    assert.ok(records.length >= limit);
    assert.deepEqual(
      { calls: result.calls, cost: BigInt(result.policy.cost), vendors: BigInt(result.vendorBills.policy) },
      { calls: records.length, cost: bill.totals.costNanoUsd, vendors: bill.totals.costNanoUsd },
    );
    assert.equal(result.changes.answeredFromCache, records.filter(({ usageSource }) => usageSource === 'cache').length); // prettier-ignore
    assert.ok(data !== undefined || result.changes.answeredFromCache > 0);
    assert.equal(result.policy.cacheReadTokens, records.reduce((sum, { buckets }) => sum + (buckets.cacheRead ?? 0), 0)); // prettier-ignore
  });

const sonnet = { api: 'messages', model: 'claude-sonnet-5' } as const;

test('an empty policy makes a difference of exactly 0; the same recording gives the same figures', async (t) => {
  const path = await transcripts(await temporaryFolder(t));
  const [one, again] = [await whatIf(path, sonnet, policyOn, policyOn), await whatIf(path, sonnet, policyOn, policyOn)];
  assert.deepEqual([one.saved, one.baseline, one.changes.cheaper, one.changes.dearer], [0, one.policy, 0, 0]);
  assert.ok(one.baseline.cost > 0 && one.baseline.cacheReadTokens > 0);
  const { from: _, to: __, ...figures } = one;
  const { from: ___, to: ____, ...others } = again;
  assert.deepEqual(figures, others);
});

test('a policy that does harm shows as costing more, and where', async (t) => {
  const path = await transcripts(await temporaryFolder(t));
  const dearer = { ...policyOff, routes: [{ name: 'up', use: { model: 'claude-opus-4-5' } }] };
  const result = await whatIf(path, sonnet, policyOff, dearer);
  assert.ok(result.saved! < 0 && result.savedShare! < 0);
  assert.deepEqual(
    result.stages.map(({ stage, saved }) => [stage, saved === result.saved]),
    [['routes', true]],
  );
  assert.deepEqual([result.changes.dearer, result.changes.rerouted, result.changes.cheaper], [result.calls, result.calls, 0]);
  assert.deepEqual(result.byModel.map(({ key, baseline, policy }) => [key, baseline?.calls, policy?.calls]), [
    ['claude-opus-4-5', undefined, result.calls],
    ['claude-sonnet-5', result.calls, undefined],
  ]); // prettier-ignore
});

test('differences per stage add up to the whole; left out alone, a stage shows what it is worth', async (t) => {
  const path = await transcripts(await temporaryFolder(t));
  const policy = { ...policyOn, routes: [{ name: 'down', use: { model: 'claude-haiku-4-5' } }] };
  const result = await whatIf(path, sonnet, policyOff, policy, true);
  assert.deepEqual(
    result.stages.map(({ stage }) => stage),
    ['prompt-repair', 'prompt-cache', 'exact-cache', 'routes'],
  );
  assert.equal(result.stages.reduce((sum, { saved }) => sum + saved, 0), result.saved); // prettier-ignore
  assert.ok(result.stages.every(({ savedAgainstWithout }) => savedAgainstWithout !== undefined));
  assert.ok(result.stages.find(({ stage }) => stage === 'routes')!.savedAgainstWithout! > 0);
});

test('a model without a price is unknown, not free', async (t) => {
  const path = await transcripts(await temporaryFolder(t));
  const result = await whatIf(path, sonnet, policyOff, {
    ...policyOff,
    routes: [{ name: 'new', use: { model: 'claude-nobody-knows-9' } }],
  });
  assert.deepEqual([result.saved, result.unpricedCalls, result.unpricedModels], [null, result.calls, ['claude-nobody-knows-9']]);
});

/** Connections that are opened while `use` runs. */
async function connectionsDuring(use: () => Promise<unknown>): Promise<number> {
  let opened = 0;
  const count = (): void => void (opened += 1);
  subscribe('net.client.socket', count);
  await use();
  unsubscribe('net.client.socket', count);
  return opened;
}

test('nobody is called', async (t) => {
  const path = await transcripts(await temporaryFolder(t));
  assert.equal(await connectionsDuring(() => whatIf(path, sonnet, policyOff, policyOn)), 0);
  assert.equal(await connectionsDuring(() => fetch('http://127.0.0.1:49151/').catch(() => {})), 1, 'the count counts');
});

/** A gateway that has served, its configuration written down, and a policy beside it. */
async function served(
  t: TestContext,
  config: Partial<ConfigInput>,
): Promise<{ readonly cwd: string; readonly stand: Stand; readonly calls: number }> {
  const cwd = await temporaryFolder(t);
  const stand = await startStand(t, { config });
  const conversations = [agent('x', 5), agent('y', 4)].map((line, index) => readConversation(line as never, index + 1));
  const records = await sendAll(stand, conversations, sonnet);
  await writeFile(join(cwd, 'modicum.yaml'), JSON.stringify({ ...config, dataDir: stand.dataDir }));
  await writeFile(join(cwd, 'policy.yaml'), JSON.stringify({ savings: { stages: { promptCache: 'on' } } }));
  return { cwd, stand, calls: records.length };
}

test('a ledger with bodies: today rehearsed is today as recorded, and the policy is measured against it', async (t) => {
  const { cwd, stand, calls } = await served(t, { ...policyOff, ledger: { bodies: { store: 'on' } } });
  const { code, out, err } = await ran(['replay', '--what-if', 'policy.yaml', '--since', '1h', '--json'], { cwd });
  assert.equal(code, 0, err);
  const result = JSON.parse(out) as WhatIfResult & { readonly source: string };
  const billed = Number(stand.emulator.bill().totals.costNanoUsd);
  assert.deepEqual([result.source, result.calls, result.today?.cost, result.baseline.cost], ['ledger', calls, billed, billed]);
  assert.deepEqual([result.calibration?.ratio, result.notRehearsed], [1, []]);
  assert.ok(result.saved! > 0);
  assert.equal(result.expected, result.policy.cost);
  assert.deepEqual(result.stages.map(({ stage, saved }) => [stage, saved]), [['prompt-cache', result.saved]]); // prettier-ignore
});

test('a ledger without bodies: what to switch on is said, and that it failed', async (t) => {
  const { cwd, calls } = await served(t, policyOff);
  const { code, out, err } = await ran(['replay', '--what-if', 'policy.yaml', '--since', '1h'], { cwd });
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, new RegExp(`${calls} calls not rehearsed, recorded at \\$[\\d.]+: its prompt is not recorded`));
  assert.match(err, /set `ledger\.bodies\.store: on`/);
});
