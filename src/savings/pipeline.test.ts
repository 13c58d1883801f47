import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import { pipeline, type Handler } from '../core/pipeline.ts';
import type { Attempt, CallRecord, SavingSwitched } from '../core/record.ts';
import { shaping, type Shaper } from '../core/shaping.ts';
import { testScope } from '../core/testing.ts';
import type { NanoUsd } from '../core/usage.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { account } from '../stages/account/index.ts';
import { createMemorySessions } from '../stores/memory/sessions.ts';
import { createSavingControl } from './control.ts';
import { seededRandom } from './random.ts';
import { savings } from './registry.ts';
import { createSavingWatch } from './watch.ts';

const hourMs = 3600 * 1000;
const windowHours = 24;
const sessions = 4000;

/** A planted saving that makes prompts half as long again, and believes that it saves. */
const harmful: Shaper = {
  name: 'prompt-repair',
  shape: (call) => ({
    call: call.withJson({ messages: Buffer.from(JSON.stringify('x'.repeat(Math.round(call.sizeBytes * 1.5)))) }),
    savings: [{ inputTokens: 100, outputTokens: 0, cost: 1 as NanoUsd, basis: 'estimated' }],
  }),
};
/** One that changes every call and no price. */
const harmless: Shaper = { name: 'prompt-cache', shape: (call) => ({ call: call.withJson({ user: Buffer.from('"u"') }), savings: [] }) };

/** A provider that bills by the byte, and never answers: what counts is what arrived. */
const provider: Handler = async (call, scope) => {
  const cost = { total: (call.body.length * 1000) as NanoUsd, byBucket: {}, status: 'exact', flags: [] } as const;
  scope.attempts.push({
    provider: 'p',
    requestModel: 'm',
    model: 'm',
    outcome: 'ok',
    served: {},
    cost,
    at: 0,
    durationMs: 1,
  } as unknown as Attempt);
  throw new Error('no reply is needed');
};

test('a planted harmful saving is switched to observe within its window, a harmless one is not, and the traffic is cheaper after that', async () => {
  let now = 0;
  const events: SavingSwitched[] = [];
  const watch = createSavingWatch({
    settings: () => ({ enabled: true, windowMs: windowHours * hourMs, minSessions: 50 }),
    now: () => now,
    store: createMemorySessions({ now: () => now }),
    record: (event) => events.push(event),
    notify: () => {},
  });
  const stages = { ...Object.fromEntries(savings.map(({ key }) => [key, 'off'])), promptRepair: 'on', promptCache: 'on' } as const;
  const control = createSavingControl(
    { holdout: 0.05, stageHoldout: 0.1, seed: '', stages, overrides: [] },
    { isSwitched: watch.isSwitched, measured: watch.measured },
  );
  const handler = pipeline(
    [
      account({ parts: () => ({}), later: (work) => void work() }),
      control.stage,
      ...[harmful, harmless].map((shaper) => shaping(shaper, control.modeOf)),
    ],
    provider,
  );
  const random = seededRandom(7);
  const records: CallRecord[] = [];
  for (let at = 0; at < sessions; at++) {
    now = Math.round((at * windowHours * hourMs) / sessions);
    const length = Math.round(300 * Math.exp(2 * (random() / 2 ** 32 + random() / 2 ** 32 - 1)));
    const body = new Body([Buffer.from(JSON.stringify({ model: 'm', messages: 'm'.repeat(length) }))]);
    const scope = testScope({
      startedAt: now,
      labels: { session: `s${at}` },
      record: (event) => void (event.type === 'call' && records.push(event)),
    });
    await handler(Call.received(`c${at}`, { codec: callCodecs['openai.chat'], body }), scope).catch(() => {});
  }
  assert.deepEqual(events.map(({ stage, to }) => [stage, to]), [['prompt-repair', 'observe']]); // prettier-ignore
  assert.ok(events[0]!.at < windowHours * hourMs);
  const after = records.filter(({ at }) => at > events[0]!.at);
  assert.ok(after.length > 100);
  const modes = new Set(after.flatMap(({ annotations }) => annotations?.savings?.map(({ mode }) => mode) ?? []));
  assert.deepEqual(modes, new Set(['observe']));
  assert.ok(after.every(({ annotations }) => !annotations?.treated?.includes('prompt-repair')));
});
