import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { DatabaseSync } from 'node:sqlite';
import { generatedEvents } from '../../analytics/conformance/records.ts';
import type { Answer, Query } from '../../analytics/query.ts';
import type { LedgerEvent } from '../../core/record.ts';
import { openLedgerDatabase } from '../database.ts';
import { eraseUserFrom } from '../erase.ts';
import { call, cost, doubled, fillJournal, temporaryDir } from '../fixtures.ts';
import { Ingester } from '../ingest.ts';
import { sqliteEngine } from '../query/engine.ts';
import { reprice } from '../reprice.ts';
import { ClickHouseUnavailableError, type ClickHouse } from './client.ts';
import { readCursor, waitingFor } from './cursor.ts';
import { dropMonths } from './erase.ts';
import { clickHouseEngine } from './source.ts';
import { Spool } from './spool.ts';
import { freshDatabase, noChdb } from './testing.ts';

const now = Date.UTC(2026, 10, 30);
const day = 24 * 3_600_000;
/** Of every kind: sums by rows and by rollups, distributions, different values, scores. */
const questions: readonly Query[] = [
  { measures: ['calls', 'costUsd', 'totalTokens', 'cacheSavedUsd', 'latencyP95Ms', 'score', 'valuePerUsd', 'unpricedCalls'] },
  { measures: ['calls', 'costUsd', 'costPerUserUsd', 'users', 'sessions'], bucket: 'day' },
  { measures: ['calls', 'costUsd'], dimensions: ['user'], from: now - 60 * day, to: now },
  { measures: ['costUsd', 'score', 'scoredCalls'], dimensions: ['app', 'model'], from: now - 60 * day, to: now },
];

interface Opened {
  readonly dir: string;
  readonly database: DatabaseSync;
  readonly clickhouse: ClickHouse;
  readonly add: (events: readonly LedgerEvent[]) => void;
  readonly spool: Spool;
}

async function opened(context: TestContext): Promise<Opened> {
  const dir = temporaryDir(context);
  const database = openLedgerDatabase(dir);
  const ingester = new Ingester(dir, database);
  const clickhouse = await freshDatabase();
  context.after(async () => {
    await clickhouse.close();
    database.close();
  });
  const add = (events: readonly LedgerEvent[]): void => {
    fillJournal(dir, events, ingester.nextSequence);
    ingester.catchUp();
  };
  return { dir, database, clickhouse, add, spool: new Spool(database, clickhouse, { batchRecords: 400 }) };
}

async function answersOf(engine: { answer(query: Query): Promise<Answer> }): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const query of questions) answers.push(await engine.answer(query));
  return answers;
}

async function assertAlike({ database, clickhouse }: Opened): Promise<void> {
  const ours = await answersOf(clickHouseEngine(clickhouse, () => now));
  assert.deepEqual(ours, await answersOf(sqliteEngine(database, {}, () => now)));
}

const generated = (count: number, seed = 1): readonly LedgerEvent[] => [...generatedEvents({ count, seed })];
const countOf = async ({ clickhouse }: Opened): Promise<number> =>
  Number((await clickhouse.rows(`SELECT sum(calls) FROM ${clickhouse.database}.call`))[0]![0]);

describe('the spool to ClickHouse', { skip: noChdb }, () => {
  test('carries records over in batches, and those that come later', async (context) => {
    const it = await opened(context);
    it.add(generated(600));
    await it.spool.catchUp();
    await assertAlike(it);
    it.add(generated(200, 2));
    assert.ok(waitingFor(it.database, readCursor(it.database)).records >= 200);
    await it.spool.catchUp();
    assert.equal(waitingFor(it.database, readCursor(it.database)).records, 0);
    await assertAlike(it);
  });

  test('a batch that is sent again counts once, whatever the cursor says', async (context) => {
    const it = await opened(context);
    it.add(generated(700));
    await it.spool.catchUp();
    const before = await countOf(it);
    it.database.exec('UPDATE sink SET through_sequence = 0, pending_sequence = NULL');
    await new Spool(it.database, it.clickhouse, { batchRecords: 170 }).catchUp(); // other borders: no token helps
    assert.equal(await countOf(it), before);
    await assertAlike(it);
  });

  test('the server itself drops a batch whose token it knows', async (context) => {
    const it = await opened(context);
    it.add([]);
    await it.spool.step();
    const row = (id: number): unknown[] => [`00000000-0000-7000-8000-00000000000${id}`, '2026-11-01 00:00:00.000', 'ok', 1];
    for (const [id, token] of [[1, 'a'], [1, 'a'], [2, 'b']] as const) await it.clickhouse.insert('call', ['id', 'at', 'outcome', 'calls'], [row(id)], token); // prettier-ignore
    assert.equal(await countOf(it), 2);
  });

  test('an id that the journal holds twice counts once', async (context) => {
    const it = await opened(context);
    const same = call({ at: now - day });
    it.add([same, same]);
    it.add([same, call({ at: now - day })]);
    await it.spool.catchUp();
    assert.equal(await countOf(it), 2);
  });

  test('an outage of hours loses nothing', async (context) => {
    const it = await opened(context);
    it.add(generated(400));
    await it.spool.catchUp();
    const away: ClickHouse = { ...it.clickhouse, rows: refused, insert: refused, run: refused };
    for (let hour = 0; hour < 5; hour++) {
      it.add(generated(150, 10 + hour));
      await assert.rejects(new Spool(it.database, away).step(), ClickHouseUnavailableError);
    }
    assert.ok(waitingFor(it.database, readCursor(it.database)).records >= 750);
    await it.spool.catchUp();
    await assertAlike(it);
  });

  test('an outage whose statement came through after all counts once', async (context) => {
    const it = await opened(context);
    it.add(generated(400));
    const lost: ClickHouse = {
      ...it.clickhouse,
      insert: async (...statement) => {
        await it.clickhouse.insert(...statement);
        return refused();
      },
    };
    await assert.rejects(new Spool(it.database, lost, { batchRecords: 400 }).step(), ClickHouseUnavailableError);
    assert.notEqual(readCursor(it.database).pending, undefined);
    await it.spool.catchUp();
    await assertAlike(it);
  });

  test('kill -9 between a batch and the cursor: no record is lost, none is there twice', async (context) => {
    const dir = temporaryDir(context);
    const [ledger, engine] = [join(dir, 'ledger'), join(dir, 'engine')];
    const database = openLedgerDatabase(ledger);
    context.after(() => database.close());
    fillJournal(ledger, generated(3000));
    new Ingester(ledger, database).catchUp();
    for (const killAt of [1, 2, 1]) {
      const { signal } = child(ledger, engine, String(killAt));
      assert.equal(signal, 'SIGKILL');
    }
    const { stdout, stderr } = child(ledger, engine);
    const { totals } = await sqliteEngine(database).answer({
      measures: ['calls', 'costUsd', 'totalTokens', 'latencyP95Ms', 'users', 'score', 'scoredCalls'],
      from: 0,
      to: Date.UTC(2030, 0, 1),
    });
    assert.equal(stdout, JSON.stringify(totals.values), stderr);
  });

  test('new prices follow, to unknown and back', async (context) => {
    const it = await opened(context);
    it.add(generated(500));
    await it.spool.catchUp();
    reprice(it.dir, { model: 'gpt-5', price: doubled });
    await it.spool.catchUp();
    await assertAlike(it);
    reprice(it.dir, { price: () => cost(null) });
    await it.spool.catchUp();
    await assertAlike(it);
    reprice(it.dir, { price: doubled });
    it.add(generated(100, 3));
    await it.spool.catchUp();
    await assertAlike(it);
    await it.spool.catchUp(); // nothing is left to correct
    await assertAlike(it);
  });

  test('a user who was erased is gone from rows and rollups', async (context) => {
    const it = await opened(context);
    it.add(generated(800));
    await it.spool.catchUp();
    const { calls } = eraseUserFrom(it.dir, 'user-1', Date.UTC(2027, 0, 1));
    assert.ok(calls > 10);
    await it.spool.catchUp();
    await assertAlike(it);
    const [left] = await it.clickhouse.rows(`SELECT count() FROM ${it.clickhouse.database}.call WHERE user = 'user-1'`);
    assert.equal(Number(left![0]), 0);
    await assertRollupsHold(it);
  });

  test('months that ended long enough ago are dropped whole', async (context) => {
    const it = await opened(context);
    it.add([call({ at: Date.UTC(2026, 8, 30, 23) }), call({ at: Date.UTC(2026, 9, 1) }), call({ at: Date.UTC(2026, 10, 1) })]);
    await it.spool.catchUp();
    assert.equal(await dropMonths(it.clickhouse, Date.UTC(2026, 9, 1) - 1), 0);
    assert.equal(await dropMonths(it.clickhouse, Date.UTC(2026, 9, 1)), 1);
    assert.equal(await countOf(it), 2);
    assert.equal(await dropMonths(it.clickhouse, Date.UTC(2027, 0, 1)), 2);
    assert.equal(await countOf(it), 0);
  });

  test('questions of the dashboard are answered from rollups', async (context) => {
    const it = await opened(context);
    it.add(generated(1200));
    await it.spool.catchUp();
    await assertRollupsHold(it);
  });
});

function child(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'spool.child.ts'), ...args], { encoding: 'utf8' });
}

const refused = async (): Promise<never> => {
  throw new ClickHouseUnavailableError(new Error('connect ECONNREFUSED'));
};

/** The server takes the rollup by itself, and it says what the rows say. */
async function assertRollupsHold({ clickhouse: { rows, database } }: Opened): Promise<void> {
  const checks = {
    by_hour: `SELECT hour, app, model, sum(calls) AS n, sum(cost) FROM ${database}.call GROUP BY hour, app, model ORDER BY ALL`,
    latency_by_hour: `SELECT hour, model, latency_bucket, sum(calls) FROM ${database}.call GROUP BY hour, model, latency_bucket ORDER BY ALL`,
    user_by_day: `SELECT day, user, sum(calls), sum(cost) FROM ${database}.call GROUP BY day, user ORDER BY ALL`,
    key_by_day: `SELECT day, key, sum(calls), sum(cost) FROM ${database}.call GROUP BY day, key ORDER BY ALL`,
  };
  for (const [name, sql] of Object.entries(checks)) {
    const plan = (await rows(`EXPLAIN projections = 1 ${sql}`)).map(([line]) => String(line)).join('\n');
    assert.match(plan, new RegExp(`${name}\\b`), name);
    assert.deepEqual(await rows(sql), await rows(`${sql} SETTINGS optimize_use_projections = 0`));
  }
}
