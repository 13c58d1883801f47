import fc from 'fast-check';
import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { generatedEvents } from '../../analytics/conformance/records.ts';
import type { Query } from '../../analytics/query.ts';
import { openLedgerDatabase } from '../database.ts';
import { anyCall, cost, doubled, record, temporaryDir } from '../fixtures.ts';
import { Ingester } from '../ingest.ts';
import { reprice } from '../reprice.ts';
import { retain } from '../retention.ts';
import { sqliteEngine } from './engine.ts';
import { Rollups, rolledThrough, unrolled } from './rollups.ts';

const [from, to] = [Date.UTC(2026, 9, 1, 5, 17), Date.UTC(2026, 10, 30, 20, 3)];
const day = 24 * 3_600_000;

/** Questions that rollups answer, of each table. */
const questions: readonly Query[] = [
  { measures: ['calls', 'costUsd', 'inputTokens', 'cacheSavedUsd', 'latencyP95Ms', 'firstByteP50Ms', 'contextOverhead', 'gatewayMeanMs'], from, to },
  { measures: ['costUsd', 'attempts', 'savedTokens', 'tokensPerSecond'], dimensions: ['app', 'model'], from, to },
  { measures: ['calls', 'latencyP50Ms'], dimensions: ['outcome'], bucket: 'hour', from, to: from + 20 * day },
  { measures: ['costUsd', 'score'], dimensions: ['user'], bucket: 'day', from, to },
  { measures: ['calls'], dimensions: ['key'], from, to },
  { measures: ['users', 'tasks', 'sessions', 'costPerSessionUsd'], bucket: 'week', from, to },
  { measures: ['partTokens'], dimensions: ['part'], from, to },
]; // prettier-ignore

async function assertAlike(database: DatabaseSync): Promise<void> {
  const [rolled, rows] = [sqliteEngine(database, {}, () => to), sqliteEngine(database, { useRollups: false }, () => to)];
  for (const query of questions) assert.deepEqual(await rolled.answer(query), await rows.answer(query));
}

function opened(context: TestContext): { readonly dir: string; readonly database: DatabaseSync; readonly ingester: Ingester } {
  const dir = temporaryDir(context);
  const database = openLedgerDatabase(dir);
  context.after(() => database.close());
  return { dir, database, ingester: new Ingester(dir, database) };
}

test('rollups and rows answer alike, whatever the calls and however many of them are rolled up', async (context) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 30 }), fc.nat(30), async (calls, first) => {
      const { dir, database, ingester } = opened(context);
      record(dir, calls);
      ingester.catchUp();
      ingester.rollups.step(first + 1, 1);
      await assertAlike(database);
    }),
    { numRuns: 30 },
  );
});

test('repricing, deletion of old calls and feedback keep them alike', async (context) => {
  const { dir, database, ingester } = opened(context);
  const events = [...generatedEvents({ count: 600, from: from + day, to: to - day })];
  record(dir, events.filter((event) => event.type === 'call').slice(0, 500));
  ingester.catchUp();
  ingester.rollups.step(400, 1);
  assert.deepEqual([rolledThrough(database), unrolled(database)], [400, 100]);

  reprice(dir, { since: from + 10 * day, price: doubled });
  await assertAlike(database);
  reprice(dir, { price: () => cost(null) });
  reprice(dir, { model: 'gpt-5', price: doubled });
  await assertAlike(database);

  const until = from + 30 * day;
  retain(dir, database, { journalRetentionMs: Infinity, rowRetentionMs: 0, maxWaitingBytes: 0 }, until);
  await assertAlike(database);
  const left = database.prepare('SELECT count(*) AS rows FROM rollup_day WHERE at < ?').get(until - day)!;
  assert.equal(left['rows'], 0, 'nothing stays of days whose calls are gone');

  retain(dir, database, { journalRetentionMs: Infinity, rowRetentionMs: 0, maxWaitingBytes: 0 }, to + day);
  ingester.rollups.catchUp();
  for (const table of ['rollup_hour', 'rollup_day', 'person_day', 'seen_day'])
    assert.equal(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()!['rows'], 0, table);
});

test('few rows wait for more, unless somebody wants all of them', (context) => {
  const { dir, database, ingester } = opened(context);
  record(
    dir,
    [...generatedEvents({ count: 20 })].filter((event) => event.type === 'call'),
  );
  ingester.catchUp();
  assert.equal(ingester.rollups.step(21), false);
  assert.equal(rolledThrough(database), 0);
  assert.equal(ingester.rollups.step(20), true);
  assert.equal(new Rollups(database).step(20, 1), false, 'nothing is left');
  assert.equal(unrolled(database), 0);
});
