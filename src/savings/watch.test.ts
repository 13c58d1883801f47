import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SavingSwitched } from '../core/record.ts';
import { createMemorySessions } from '../stores/memory/sessions.ts';
import { trafficOf, type Traffic } from './testing.ts';
import { createSavingWatch, type SelfSwitch } from './watch.ts';

const hourMs = 3600 * 1000;
const windowMs = 24 * hourMs;
const traffic = { seed: 1, sessions: 3000, holdout: 0.05, stageHoldout: 0.1, sigma: 1, everyMs: windowMs / 3000 };

/** A watch under simulated time, and what it said. */
function watching(settings: Partial<SelfSwitch> = {}, store?: ReturnType<typeof createMemorySessions>) {
  const clock = { now: 0 };
  const kept = store ?? createMemorySessions({ now: () => clock.now });
  const events: SavingSwitched[] = [];
  const told: string[] = [];
  const watch = createSavingWatch({
    settings: () => ({ enabled: true, windowMs, minSessions: 50, ...settings }),
    now: () => clock.now,
    store: kept,
    record: (event) => events.push(event),
    notify: (message) => told.push(message),
  });
  const send = async (over: Partial<Traffic> & Pick<Traffic, 'factors'>): Promise<void> => {
    for (const record of trafficOf({ ...traffic, startsAt: clock.now, ...over }, { isSwitched: watch.isSwitched })) {
      clock.now = record.at;
      watch.measured(record);
    }
    await new Promise(setImmediate);
  };
  return { watch, events, told, send, kept, clock };
}

test('a saving that makes sessions dearer is switched within the window, once, recorded and told', async () => {
  const { watch, events, told, send } = watching();
  await send({ factors: { exactCache: 1.8, promptCache: 0.7 } });
  assert.deepEqual(Object.keys(watch.switched()), ['exact-cache']);
  assert.deepEqual(events.map(({ type, stage, to }) => [type, stage, to]), [['savings.switched', 'exact-cache', 'observe']]); // prettier-ignore
  assert.ok(events[0]!.at <= windowMs);
  assert.match(
    told.join(),
    /^exact-cache is switched to observe: sessions with it cost \d+\.\d % more than those held out \(95 % interval /,
  );
});

test('savings that pay, or do nothing, are left on', async () => {
  for (const seed of [1, 2, 3]) {
    const { events, send } = watching();
    await send({ seed, factors: { exactCache: 1, promptCache: 0.7, promptRepair: 1 } });
    assert.deepEqual(events, []);
  }
});

test('too few sessions decide nothing, and somebody may not want it', async () => {
  for (const settings of [{ minSessions: 5000 }, { enabled: false }]) {
    const { events, send } = watching(settings);
    await send({ factors: { exactCache: 3 } });
    assert.deepEqual(events, []);
  }
});

test('what is switched stays so after a restart and in other processes; once resumed, only later calls count', async () => {
  const first = watching();
  await first.send({ factors: { exactCache: 1.8 } });
  const second = watching({}, first.kept);
  await second.watch.load();
  assert.ok(second.watch.isSwitched('exact-cache'));
  assert.equal(await first.watch.resume('exact-cache', 'a test'), true);
  assert.equal(await first.watch.resume('exact-cache', 'a test'), false);
  assert.deepEqual(first.events.map(({ to }) => to), ['observe', 'on']); // prettier-ignore
  await second.watch.load();
  assert.deepEqual([first.watch.isSwitched('exact-cache'), second.watch.isSwitched('exact-cache')], [false, false]);
  first.clock.now += 1000;
  await first.send({ seed: 9, factors: { exactCache: 0.8 } });
  assert.equal(first.watch.isSwitched('exact-cache'), false);
});

test('a store that is away is told, and the gateway switches all the same', async () => {
  const refuse = async () => Promise.reject(new Error('away'));
  const { watch, told, send } = watching({}, { get: refuse, put: refuse, delete: refuse });
  await send({ factors: { exactCache: 1.8 } });
  assert.equal(watch.isSwitched('exact-cache'), true);
  assert.ok(told.some((message) => message.includes('could not be kept: Error: away')));
});
