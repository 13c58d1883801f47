import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer, Measure, Query, QueryEngine } from '../analytics/query.ts';
import { createMemoryStores } from '../stores/memory/index.ts';
import { createAlerter } from './alerter.ts';
import { lateMs } from './anomaly.ts';
import type { Happened } from './happening.ts';
import { createJudge } from './judge.ts';
import { createAlertMemory, maxHistory } from './memory.ts';
import type { AlertMessage } from './message.ts';
import { maxSubjects, type AlertRule, type Condition } from './rule.ts';

const hourMs = 3_600_000;
const begin = Date.UTC(2026, 10, 23);

/** Figures by hour and subject, as an engine would sum them. */
class FakeEngine implements QueryEngine {
  readonly asked: Query[] = [];
  figures: (from: number, to: number) => ReadonlyMap<string, readonly (number | string | null)[]> = () => new Map();
  error: Error | undefined;

  async answer(query: Query): Promise<Answer> {
    this.asked.push(query);
    if (this.error) throw this.error;
    const { from = 0, to = 0, bucket, compareTo, limit = Number.POSITIVE_INFINITY } = query;
    const rowsOf = (start: number, end: number) => [...this.figures(start, end)].map(([key, values]) => ({ keys: [key], values }));
    const before = compareTo === undefined ? undefined : this.figures(from - (to - from), from);
    const nothing = query.measures.map(() => null);
    const rows = bucket
      ? Array.from({ length: (to - from) / hourMs }, (_, index) => from + index * hourMs).flatMap((time) => rowsOf(time, time + hourMs).map((row) => ({ ...row, time }))) // prettier-ignore
      : rowsOf(from, to).map((row) => ({ ...row, ...(before && { before: before.get(row.keys[0]!) ?? nothing }) }));
    const totals = rows[0] ?? { keys: [], values: nothing };
    return { rows: rows.slice(0, limit), totals, otherRows: 0, from, to };
  }

  async close(): Promise<void> {}
}

const one = (value: number | string | null) => () => new Map([['x', [value]]]);
const query = (measure: Measure, by?: string) => ({ measure, filters: [], by });
const ruleOf = (when: Condition, changes: Partial<AlertRule> = {}): AlertRule => ({
  name: 'r',
  when,
  forMs: 0,
  to: ['log'],
  severity: 'warning',
  remindMs: 0,
  origin: 'config',
  ...changes,
});

function stand(
  rules: readonly AlertRule[],
  { stores = createMemoryStores({ now: () => clock.now }), owner = 'o', clock = { now: begin } } = {},
) {
  const engine = new FakeEngine();
  const sent: AlertMessage[] = [];
  const failed: string[] = [];
  let ids = 0;
  const memory = createAlertMemory(stores.sessions, stores.limits, owner);
  const alerter = createAlerter({
    rules: async () => rules,
    judge: createJudge(engine),
    memory,
    send: (message) => void sent.push(message),
    now: () => clock.now,
    newId: () => `${owner}-${ids++}`,
    intervalMs: () => 60_000,
    silences: () => memory.value('silences', {}),
    dashboard: () => 'http://d',
    failed: (rule) => void failed.push(rule),
  });
  const tickAt = async (atMs: number): Promise<readonly string[]> => {
    const before = sent.length;
    clock.now = atMs;
    await alerter.tick();
    return sent.slice(before).map(({ kind, subject, text }) => `${kind} ${subject}: ${text}`);
  };
  return { engine, sent, failed, memory, alerter, tickAt, stores, clock };
}

const minute = 60_000;

describe('alerts on queries', () => {
  test('a limit on money', async () => {
    const { engine, sent, tickAt } = stand([ruleOf({ kind: 'limit', query: query('costUsd'), overMs: hourMs, above: 10 })]);
    engine.figures = one('10');
    assert.deepEqual(await tickAt(begin), []);
    engine.figures = one('10.000000001');
    assert.deepEqual(await tickAt(begin + minute), ['fired all: The cost in the last 1h is $10.00, above the limit of $10.00.']);
    engine.figures = one('3.5');
    assert.deepEqual(await tickAt(begin + 2 * minute), ['resolved all: The cost in the last 1h is $3.50, within the limit of $10.00.']);
    assert.equal(sent[0]!.link, 'http://d/ui/explore?measure=costUsd');
    assert.deepEqual([engine.asked[0]!.from, engine.asked[0]!.to], [begin - hourMs, begin]);
  });

  test('a lower limit, and what cannot be told', async () => {
    const { engine, tickAt } = stand([ruleOf({ kind: 'limit', query: query('score'), overMs: hourMs, below: 0.5 })]);
    engine.figures = one(null);
    assert.deepEqual(await tickAt(begin), []);
    engine.figures = one(0.4);
    assert.deepEqual(await tickAt(begin + minute), ['fired all: The score in the last 1h is 0.4, below the limit of 0.5.']);
  });

  test('each value of a dimension by itself; one that has no calls any more is well', async () => {
    const { engine, tickAt } = stand([ruleOf({ kind: 'limit', query: query('calls', 'team'), overMs: hourMs, above: 5 })]);
    engine.figures = () => new Map([['a', [9]], ['b', [1]]]); // prettier-ignore
    assert.deepEqual(await tickAt(begin), ['fired team=a: The calls of team=a in the last 1h is 9, above the limit of 5.']);
    engine.figures = () => new Map([['b', [1]]]);
    assert.equal((await tickAt(begin + minute)).length, 1);
  });

  test('more than the most subjects: no more than that many stand', async () => {
    const { engine, tickAt, memory } = stand([ruleOf({ kind: 'limit', query: query('calls', 'user'), overMs: hourMs, above: 5 })]);
    engine.figures = () => new Map(Array.from({ length: maxSubjects + 5 }, (_, index) => [`u${index}`, [9]]));
    assert.equal((await tickAt(begin)).length, maxSubjects);
    assert.equal((await memory.states()).byRule['r']!.length, maxSubjects);
  });

  for (const [percent, now, before, fires] of [
    [50, 15, 10, true],
    [50, 14.9, 10, false],
    [-50, 5, 10, true],
    [-50, 5.1, 10, false],
    [50, 15, 0, false],
  ] as const)
    // prettier-ignore
    test(`a change of ${percent} %: ${before} to ${now} ${fires ? 'is told' : 'is not'}`, async () => {
      const { engine, tickAt } = stand([ruleOf({ kind: 'change', query: query('calls'), overMs: hourMs, percent })]);
      engine.figures = (from) => new Map([['x', [from < begin - hourMs ? before : now]]]);
      assert.equal((await tickAt(begin)).length, fires ? 1 : 0);
    });

  test('a collapse of cache hits, by app', async () => {
    const { engine, tickAt } = stand([ruleOf({ kind: 'event', event: 'cacheHitCollapse', maxAgeDays: 60 })]);
    let share = 0.7;
    engine.figures = (from, to) => new Map([['support', [100_000, 100_000, to - from === hourMs ? share : 0.8]]]);
    assert.deepEqual(await tickAt(begin), []);
    share = 0.3;
    const [text] = await tickAt(begin + minute);
    assert.match(text!, /^fired app=support: In the last hour 30 % .* over the week before it was 80 %\.$/);
  });

  test('a query that cannot be answered is told to the log, and changes nothing', async () => {
    const { engine, failed, tickAt } = stand([ruleOf({ kind: 'limit', query: query('calls'), overMs: hourMs, above: 5 })]);
    engine.figures = one(9);
    await tickAt(begin);
    engine.error = new Error('busy');
    assert.deepEqual(await tickAt(begin + minute), []);
    engine.error = undefined;
    assert.deepEqual(await tickAt(begin + 2 * minute), []);
    assert.deepEqual(failed, ['r']);
  });
});

describe('anomalies', () => {
  const when: Condition = { kind: 'anomaly', query: query('costUsd'), bucket: 'hour', sensitivity: 'medium', sides: 'above' };
  const usual = (at: number): number => 20 + 10 * Math.sin((at / (24 * hourMs)) * 2 * Math.PI) + ((at / hourMs) % 5) * 0.3;

  test('a whole hour that is unusual is told with the expected range, and over with the next', async () => {
    const { engine, sent, tickAt } = stand([ruleOf(when)]);
    const odd = begin + 3 * hourMs;
    engine.figures = (from) => new Map([['x', [String(from >= odd && from < odd + hourMs ? usual(from) * 3 : usual(from))]]]);
    assert.deepEqual(await tickAt(odd), []);
    assert.equal((await tickAt(odd + lateMs)).length + (await tickAt(odd + hourMs + lateMs)).length, 1);
    const { text, expected, value } = sent[0]!;
    assert.match(text, /usual at this time is \$\d+\.\d\d, expected \$\d+\.\d\d to \$\d+\.\d\d\.$/);
    assert.ok(expected!.high < value! && expected!.low < usual(odd) && usual(odd) < expected!.high);
    assert.match((await tickAt(odd + 2 * hourMs + lateMs))[0]!, /^resolved/);
  });

  test('an hour under way that has too much already is told at once', async () => {
    const { engine, tickAt } = stand([ruleOf(when)]);
    const odd = begin + 3 * hourMs;
    engine.figures = (from) => new Map([['x', [String(from === odd ? usual(from) * 4 : usual(from))]]]);
    const [text] = await tickAt(odd + 10 * minute);
    assert.match(text!, /^fired all: The cost of the current hour so far is/);
  });

  test('without three weeks of history nothing is told, whatever came', async () => {
    const { engine, tickAt } = stand([ruleOf(when)]);
    engine.figures = (from) => new Map(from < begin - 20 * 24 * hourMs ? [] : [['x', [String(from >= begin ? 9999 : usual(from))]]]);
    assert.deepEqual(await tickAt(begin + hourMs + lateMs), []);
  });

  test('only new hours are asked for again', async () => {
    const { engine, tickAt } = stand([ruleOf(when)]);
    engine.figures = (from) => new Map([['x', [String(usual(from))]]]);
    await tickAt(begin + lateMs);
    engine.asked.length = 0;
    await tickAt(begin + hourMs + lateMs);
    assert.deepEqual(engine.asked.map(({ from, to }) => to! - from!), [hourMs, hourMs]); // prettier-ignore
  });
});

describe('happenings', () => {
  const unpriced = (subject: string, endsAt = begin + 10 * minute): Happened => ({ event: 'newUnpricedModel', subject, sentence: `${subject} has no price.`, endsAt }); // prettier-ignore
  const rule = ruleOf({ kind: 'event', event: 'newUnpricedModel', maxAgeDays: 60 });

  test('are told once, and over by their time', async () => {
    const { alerter, tickAt } = stand([rule]);
    alerter.happened(unpriced('m'));
    assert.deepEqual(await tickAt(begin), ['fired m: m has no price.']);
    alerter.happened(unpriced('m', begin + 12 * minute));
    assert.deepEqual(await tickAt(begin + minute), []);
    assert.deepEqual(await tickAt(begin + 11 * minute), []);
    assert.deepEqual(await tickAt(begin + 12 * minute), ['resolved m: It is over: m has no price.']);
  });

  test('marks of a budget: each higher one is told, one message ends them', async () => {
    const budget = (percent: number): Happened => ({ event: 'budget', subject: 'budget=b', sentence: `${percent} %`, level: percent, endsAt: begin + hourMs, budget: { name: 'b', kind: 'threshold', percent } }); // prettier-ignore
    const { alerter, tickAt } = stand([ruleOf({ kind: 'budget', budget: 'b', at: [50, 100], forecast: false })]);
    const told: string[] = [];
    for (const [index, percent] of [50, 80, 100].entries()) {
      alerter.happened(budget(percent));
      told.push(...(await tickAt(begin + index * minute)));
    }
    told.push(...(await tickAt(begin + hourMs)));
    assert.deepEqual(told, ['fired budget=b: 50 %', 'fired budget=b: 100 %', 'resolved budget=b: It is over: 100 %']);
  });

  test('of another budget nothing is told', async () => {
    const { alerter, tickAt } = stand([ruleOf({ kind: 'budget', budget: 'other', at: [50], forecast: true })]);
    alerter.happened({ event: 'budget', subject: 'budget=b', sentence: '', level: 50, endsAt: undefined, budget: { name: 'b', kind: 'threshold', percent: 50 } }); // prettier-ignore
    assert.deepEqual(await tickAt(begin), []);
  });
});

describe('several processes', () => {
  test('tell what all of them see once', async () => {
    const clock = { now: begin };
    const stores = createMemoryStores({ now: () => clock.now });
    const rules = [ruleOf({ kind: 'limit', query: query('calls'), overMs: hourMs, above: 5 })];
    const [one_, other] = [stand(rules, { stores, owner: 'a', clock }), stand(rules, { stores, owner: 'b', clock })];
    one_.engine.figures = one(9);
    other.engine.figures = one(9);
    await Promise.all([one_.alerter.tick(), other.alerter.tick()]);
    clock.now += minute;
    await Promise.all([other.alerter.tick(), one_.alerter.tick()]);
    assert.equal(one_.sent.length + other.sent.length, 1);
  });

  test('one that holds the lock keeps the others out, for a minute at most should it die', async () => {
    const { memory, stores, clock } = stand([]);
    const other = createAlertMemory(stores.sessions, stores.limits, 'b');
    await memory.alone(async () => assert.equal(await other.alone(async () => undefined), false));
    assert.equal(await other.alone(async () => undefined), true);
    void memory.alone(() => new Promise(() => undefined));
    await new Promise(setImmediate);
    assert.equal(await other.alone(async () => undefined), false);
    clock.now += 61_000;
    assert.equal(await other.alone(async () => undefined), true);
  });
});

test('the history holds the newest messages, and no more than fit', async () => {
  const { memory } = stand([]);
  const { sent, ...rest } = stand([ruleOf({ kind: 'limit', query: query('calls'), overMs: hourMs, above: 5 })]);
  rest.engine.figures = one(9);
  await rest.tickAt(begin);
  const [message] = sent as [AlertMessage];
  for (let index = 0; index <= maxHistory; index += 1) await memory.remember([{ ...message, id: `m${index}` }]);
  const kept = await memory.history();
  assert.deepEqual([kept.length, kept[0]!.id], [maxHistory, `m${maxHistory}`]);
  await memory.remember([{ ...message, id: 'long', text: 'é'.repeat(20_000) }]);
  assert.ok((await memory.history()).length < maxHistory);
});
