import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sink } from '../../core/flow.ts';
import { testScope } from '../../core/testing.ts';
import { cacheFactors, cacheRuleFinder } from '../../catalog/cache-rules.ts';
import { createCatalog } from '../../catalog/catalog.ts';
import { Flights, flightsMax } from './flights.ts';
import { promptCache } from './index.ts';
import { callOf, replyOf, textOf } from './testing.ts';

const staying = { closed: false, onClose: () => () => {} };
const handTimer = () => {
  const due: (() => void)[] = [];
  return { after: (_ms: number, then: () => void) => (due.push(then), () => void due.splice(due.indexOf(then), 1)), due };
};

test('a waiting call goes on when the reply of the first has begun', async () => {
  const flights = new Flights(handTimer().after);
  const landed = flights.begin(['a']);
  let isWaiting = true;
  const waiting = flights.wait('a', 100, staying).then(() => (isWaiting = false));
  await Promise.resolve();
  assert.ok(isWaiting);
  landed();
  await waiting;
  assert.equal(flights.size, 0);
});

test('or when its time is over, or its client has gone', async () => {
  const { after, due } = handTimer();
  const flights = new Flights(after);
  flights.begin(['a']);
  const late = flights.wait('a', 100, staying);
  due[0]!();
  await late;
  let leave = (): void => {};
  const gone = flights.wait('a', 100, { closed: false, onClose: (listener) => ((leave = listener), () => {}) });
  leave();
  await gone;
  assert.equal(due.length, 0, 'no timer is left');
});

test('what is not under way is not waited for, and beyond the limit nothing is followed', async () => {
  const flights = new Flights(handTimer().after);
  await flights.wait('a', 100, staying);
  flights.begin(Array.from({ length: flightsMax }, (_, at) => String(at)));
  flights.begin(['one more']);
  assert.equal(flights.size, flightsMax);
});

test('of many calls at once with a long common beginning one writes it, and the others wait for it', async () => {
  const catalog = createCatalog();
  const rule = cacheRuleFinder(catalog)('anthropic', 'claude-sonnet-5')!;
  const sent: string[] = [];
  const begins: (() => void)[] = [];
  const handler = promptCache({
    modeOf: () => 'on',
    ruleOf: () => rule,
    factorsOf: (_call, _scope, _rule, tokens) =>
      cacheFactors(catalog.find('anthropic', 'claude-sonnet-5', Date.UTC(2026, 10, 25)), rule, tokens),
    deploymentOf: () => ({ id: 'p/m', provider: 'p', model: 'm', weight: 1, price: undefined, keys: 1, ownKey: true }),
    keys: false,
    maxLossPercent: 7,
    warmUpWaitMs: 1000,
    after: handTimer().after,
  }).wrap(
    (call) =>
      new Promise((resolve) => {
        sent.push(call.body.whole.toString());
        begins.push(() => resolve(replyOf(200, { to: (sink: Sink) => (sink.write(Buffer.from('x')), sink.end()) })));
      }),
  );
  const ask = async (at: number): Promise<void> => {
    const body = { system: textOf(3000), messages: [{ role: 'user', content: `question ${at}` }] };
    const reply = await handler(callOf('anthropic.messages', body), testScope());
    reply.bytes.to({ open: () => {}, write: () => {}, end: () => {} });
  };
  const asked = Array.from({ length: 8 }, (_, at) => ask(at));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sent.length, 3, 'two went before it was known, the third writes, five wait');
  for (const begin of begins.splice(0)) begin();
  await new Promise((resolve) => setImmediate(resolve));
  for (const begin of begins.splice(0)) begin();
  await Promise.all(asked);
  assert.deepEqual(
    sent.map((body) => body.includes('cache_control')),
    [false, false, true, true, true, true, true, true],
  );
});
