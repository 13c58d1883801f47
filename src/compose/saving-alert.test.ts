import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryEngine } from '../analytics/query.ts';
import { configSchema, type Config } from '../config/schema.ts';
import { createLog } from '../core/log.ts';
import type { LedgerEvent } from '../core/record.ts';
import { trafficOf } from '../savings/testing.ts';
import { createSavingWatch } from '../savings/watch.ts';
import { createStores } from '../stores/open.ts';
import { temporaryDir } from '../ledger/fixtures.ts';
import type { AlertMessage } from '../alerts/message.ts';
import { openAlerts, type AlertsAnswer } from './alerts.ts';

const windowMs = 86_400_000;

test('a saving that switches itself off is an alert until it is switched on again, told to the channels of the built-in alerts', async (context) => {
  const config = configSchema.parse({
    alerting: { to: ['log', 'ops'] },
    channels: { ops: { type: 'command', command: ['true'] } },
  }) as unknown as Config;
  const stores = await createStores({ ...config.state, engine: 'memory' }, temporaryDir(context));
  context.after(() => stores.close());
  let nowMs = 0;
  const events: LedgerEvent[] = [];
  const log = createLog({ level: 'silent', format: 'json', write: () => {} });
  const alerts = openAlerts({ config: () => config, stores, owner: 'test', engine: {} as QueryEngine, log, now: () => nowMs });
  context.after(() => alerts.close());
  const watch = createSavingWatch({
    settings: () => ({ enabled: true, windowMs, minSessions: 50 }),
    now: () => nowMs,
    store: stores.sessions,
    record: alerts.recording((event) => events.push(event)),
    notify: () => {},
  });
  const tell = async (path: string): Promise<unknown> => alerts.routes.find((route) => route.path === path && route.method === 'GET')!.handle({ body: undefined, query: new URLSearchParams(), params: {}, accept: undefined }); // prettier-ignore
  const messages = async () => ((await tell('/api/alerts/history')) as { readonly messages: readonly AlertMessage[] }).messages;

  const traffic = {
    seed: 1,
    sessions: 3000,
    holdout: 0.05,
    stageHoldout: 0.1,
    sigma: 1,
    everyMs: windowMs / 3000,
    factors: { exactCache: 1.8 },
  };
  for (const record of trafficOf(traffic, { isSwitched: watch.isSwitched })) {
    nowMs = record.at;
    watch.measured(record);
  }
  await new Promise(setImmediate);
  assert.equal(events.length, 1);
  await alerts.tick();
  const [fired] = await messages();
  assert.deepEqual([fired?.kind, fired?.alert, fired?.subject], ['fired', 'saving-switched', 'saving=exact-cache']);
  assert.match(fired!.text, /^The saving exact-cache was switched to observe: sessions with it cost /);
  const listed = (await tell('/api/alerts')) as AlertsAnswer;
  assert.deepEqual(listed.alerts.find(({ name }) => name === 'saving-switched')!.to, ['ops']);

  nowMs += 3_600_000;
  await watch.resume('exact-cache', 'a test');
  await alerts.tick();
  assert.deepEqual((await messages()).map(({ kind }) => kind).toSorted(), ['fired', 'resolved']); // prettier-ignore
});
