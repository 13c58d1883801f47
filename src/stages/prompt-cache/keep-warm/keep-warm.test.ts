import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { cacheFactors, cacheRuleFinder } from '../../../catalog/cache-rules.ts';
import { createCatalog } from '../../../catalog/catalog.ts';
import type { Call } from '../../../core/call.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { pipeline, type Handler, type Scope } from '../../../core/pipeline.ts';
import type { CallRecord, Saving } from '../../../core/record.ts';
import { testScope } from '../../../core/testing.ts';
import type { Buckets, NanoUsd } from '../../../core/usage.ts';
import { account } from '../../account/index.ts';
import { callOf, replyOf, textOf } from '../testing.ts';
import { keepWarm, marginMs, type KeepWarmOptions } from './index.ts';

const minute = 60_000;
const model = 'claude-sonnet-5'; // USD per million: input 2, read 0.20, write 2.50, for five minutes
const deployment: Deployment = { id: 'p/m', provider: 'p', model, weight: 1, price: undefined, keys: 1, ownKey: true };
const cold: Buckets = { input: 100, cacheWrite5m: 10_000 };
const warm: Buckets = { input: 100, cacheRead: 10_000 };
const refreshNanoUsd = 10_000 * 200 + 100 * 2000 + 10_000; // and one token of output

interface Sent {
  readonly call: Call;
  readonly savings: readonly Saving[];
  readonly signals: readonly string[];
}

/** The stage over a provider that answers at once, with a clock and timers of its own. */
function startStand({
  mode = 'on',
  found = warm,
  ...options
}: Partial<KeepWarmOptions> & { readonly mode?: 'on' | 'observe'; readonly found?: Buckets } = {}) {
  let now = Date.UTC(2026, 10, 25);
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const catalog = createCatalog();
  const find = cacheRuleFinder(catalog);
  const own: Sent[] = [];
  let usage = found;
  const recorded = ({ atRecord }: Scope, buckets: Buckets): void => {
    const attempt = { provider: 'p', requestModel: model, status: 200, usage: { buckets } };
    const cost = { total: refreshNanoUsd as NanoUsd };
    for (const say of atRecord) say({ attempts: [attempt], buckets, cost, outcome: 'ok' } as unknown as CallRecord);
  };
  const accounted =
    (handler: Handler): Handler =>
    async (call, scope) => {
      const reply = await handler(call, scope);
      recorded(scope, usage);
      own.push({ call, savings: scope.annotations.savings ?? [], signals: scope.annotations.signals ?? [] });
      return reply;
    };
  const stage = keepWarm({
    modeOf: () => mode,
    ruleOf: () => find('anthropic', model),
    factorsOf: (_call, _scope, rule, tokens) => cacheFactors(catalog.find('anthropic', model, now), rule, tokens),
    deploymentOf: () => deployment,
    accounted,
    maxRefreshes: 3,
    maxCostPerHour: 1e9 as NanoUsd,
    now: () => now,
    after: (delayMs, then) => {
      const timer = { at: now + delayMs, run: then };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    ...options,
  });
  const handler = pipeline([stage], () => Promise.resolve(replyOf())); // as the app has it: a saving is wrapped anew for each call
  const pass = async (ms: number): Promise<void> => {
    const until = now + ms;
    for (;;) {
      const [due] = [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      if (!due) break;
      timers.delete(due);
      now = due.at;
      due.run();
      await turn();
    }
    now = until;
  };
  const send = async (call: Call, buckets: Buckets, scope: Scope = testScope({ labels: { app: 'a' } })): Promise<readonly Saving[]> => {
    await handler(call, scope);
    recorded(scope, buckets);
    return scope.annotations.savings ?? [];
  };
  return { own, pass, send, finds: (buckets: Buckets) => void (usage = buckets) };
}
type Stand = ReturnType<typeof startStand>;

const system = textOf(3000);
const mark = { cache_control: { type: 'ephemeral' } };
/** A conversation's first call, or its second. */
const call = (conversation: number, calls: 1 | 2, more: object = {}): Call =>
  callOf('anthropic.messages', {
    max_tokens: 500,
    system: [{ type: 'text', text: system, ...mark }],
    messages: [
      { role: 'user', content: `question ${conversation}` },
      ...(calls === 2
        ? [
            { role: 'assistant', content: 'answer' },
            { role: 'user', content: 'and now?' },
          ]
        : []),
    ],
    ...more,
  });

/** Conversations that all go on after the same pause. */
async function learned(stand: Stand, gapMs: number, conversations = 25): Promise<void> {
  for (let at = 0; at < conversations; at += 1) {
    await stand.send(call(at, 1), cold);
    await stand.pass(gapMs);
    await stand.send(call(at, 2), cold);
    await stand.pass(hour);
  }
  stand.own.splice(0);
}
const hour = 60 * minute;

test('where conversations go on after seven minutes, a paused prompt is read once more, and the next call reads it', async () => {
  const stand = startStand();
  await learned(stand, 7 * minute);
  const paused = call(100, 1);
  await stand.send(paused, cold);
  await stand.pass(5 * minute - marginMs - 1);
  assert.equal(stand.own.length, 0);
  await stand.pass(1);
  assert.equal(stand.own.length, 1);
  const [{ call: again, savings, signals }] = stand.own as [Sent];
  assert.deepEqual([again.json('max_tokens')?.toString(), again.stream], ['1', false]);
  assert.deepEqual(again.json('messages'), paused.json('messages'));
  assert.deepEqual(signals, ['keep-warm']);
  assert.deepEqual(savings, [
    { stage: 'keep-warm', mode: 'on', rule: 'refresh', inputTokens: 0, outputTokens: 0, cost: -refreshNanoUsd, basis: 'measured' },
  ]);
  await stand.pass(2 * minute + marginMs);
  const [kept] = await stand.send(call(100, 2), warm);
  assert.deepEqual([kept?.rule, kept?.mode, kept?.cost, kept?.basis], ['kept', 'on', 10_000 * (2500 - 200), 'estimated']);
});

test('a beginning that another conversation has just read again is no saving of the next one', async () => {
  const stand = startStand();
  await learned(stand, 7 * minute);
  for (const conversation of [100, 101]) await stand.send(call(conversation, 1), cold);
  await stand.pass(7 * minute);
  const kept: number[] = [];
  for (const conversation of [100, 101])
    kept.push((await stand.send(call(conversation, 2), warm)).find(({ rule }) => rule === 'kept')!.cost!);
  assert.equal(kept[0], 10_000 * (2500 - 200));
  assert.ok(kept[1]! > 0 && kept[1]! < 0.05 * 10_000 * (2500 - 200), String(kept[1])); // its own question is a small part of the prompt
});

test('nothing is read while too little is known, nor where pauses are short or far too long', async () => {
  for (const [gapMs, conversations] of [
    [7 * minute, 3],
    [minute, 25],
    [3 * hour, 25],
  ] as const) {
    const stand = startStand();
    await learned(stand, gapMs, conversations);
    await stand.send(call(100, 1), cold);
    await stand.pass(24 * hour);
    assert.equal(stand.own.length, 0, `${gapMs / minute} minutes, ${conversations} times`);
  }
});

test('conversations that mostly end are left to expire', async () => {
  const stand = startStand();
  await learned(stand, 7 * minute);
  for (let at = 0; at < 800; at += 1) await stand.send(call(1000 + at, 1), cold);
  await stand.pass(hour);
  stand.own.splice(0);
  await stand.send(call(100, 1), cold);
  await stand.pass(hour);
  assert.equal(stand.own.length, 0);
});

test('a pause is bridged so often and no more', async () => {
  const gap = 28 * minute;
  for (const maxRefreshes of [1, 6]) {
    const stand = startStand({ maxRefreshes });
    await learned(stand, gap);
    await stand.send(call(100, 1), cold);
    await stand.pass(24 * hour);
    assert.ok(stand.own.length <= maxRefreshes);
  }
});

test('the bound on money holds, to the nano-dollar', async () => {
  for (const [maxCostPerHour, refreshes] of [
    [10_000 * 200 + 110 * 2000, 1],
    [10_000 * 200 + 110 * 2000 - 1, 0],
  ] as const) {
    const stand = startStand({ maxCostPerHour: maxCostPerHour as NanoUsd, maxRefreshes: 1 });
    await learned(stand, 7 * minute);
    await stand.send(call(100, 1), cold);
    await stand.pass(2 * hour);
    assert.equal(stand.own.length, refreshes);
  }
});

test('a call in time needs no other', async () => {
  const stand = startStand();
  await learned(stand, 7 * minute);
  await stand.send(call(100, 1), cold);
  await stand.pass(minute);
  await stand.send(call(100, 2), warm);
  await stand.pass(4 * minute - marginMs);
  assert.equal(stand.own.length, 0);
});

test('a prompt that was gone before its time is given up', async () => {
  const stand = startStand();
  await learned(stand, 7 * minute);
  stand.finds(cold);
  await stand.send(call(100, 1), cold);
  await stand.pass(7 * minute);
  assert.equal(stand.own.length, 1);
  assert.deepEqual(await stand.send(call(100, 2), cold), [], 'nothing was kept');
});

test('observed, nothing is sent, and what it would have saved is told net of what it would have cost', async () => {
  const stand = startStand({ mode: 'observe' });
  await learned(stand, 7 * minute);
  await stand.send(call(100, 1), cold);
  await stand.pass(7 * minute);
  const [kept] = await stand.send(call(100, 2), cold);
  assert.equal(stand.own.length, 0);
  assert.deepEqual([kept?.mode, kept!.cost! > 0, kept!.cost! < 10_000 * 2300], ['observe', true, true]);
});

test('what it sends has a record of its own, of the same app', async () => {
  const recorded: CallRecord[] = [];
  const accounted = account({ parts: () => ({}), later: (work) => void work() }).wrap;
  const stand = startStand({ accounted });
  await learned(stand, 7 * minute);
  const scope = testScope({ labels: { app: 'a', session: 's' }, record: (event) => void (event.type === 'call' && recorded.push(event)) });
  await stand.send(call(100, 1), cold, scope);
  await stand.pass(7 * minute);
  const [record] = recorded;
  assert.equal(recorded.length, 1);
  assert.notEqual(record!.id, scope.requestId);
  assert.deepEqual([record!.labels, record!.annotations?.signals], [{ app: 'a', session: 's' }, ['keep-warm']]);
  assert.equal(record!.annotations?.savings?.[0]?.stage, 'keep-warm');
});

for (const [what, more] of [
  ['a budget for thinking', { thinking: { type: 'enabled', budget_tokens: 400 } }],
  ['no mark', { system }],
] as const)
  test(`calls with ${what} are left alone`, async () => {
    const stand = startStand();
    await learned(stand, 7 * minute);
    await stand.send(call(100, 1, more), cold);
    await stand.pass(hour);
    assert.equal(stand.own.length, 0);
  });
