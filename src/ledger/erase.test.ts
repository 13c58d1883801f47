import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { generatedEvents } from '../analytics/conformance/records.ts';
import type { Query } from '../analytics/query.ts';
import type { LedgerEvent } from '../core/record.ts';
import { bodyHash, getBody, openBodyStore } from './bodies.ts';
import { findCall, tail } from './calls.ts';
import { ledgerPath, openLedgerDatabase } from './database.ts';
import { eraseUserFrom, heldOf } from './erase.ts';
import { ErasedJournal } from './erased-journal.ts';
import { call, fillJournal, linesOf, temporaryDir } from './fixtures.ts';
import { ingest, Ingester } from './ingest.ts';
import { Journal } from './journal.ts';
import { sqliteEngine } from './query/engine.ts';
import { segmentsOf } from './segments.ts';

const now = Date.UTC(2026, 11, 1);
const ann = 'ann-with-a-long-name@example.com';

const count = (database: DatabaseSync, table: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!['n']);

function ledgerOf(context: TestContext, events: readonly LedgerEvent[]): string {
  const dir = temporaryDir(context);
  fillJournal(dir, events);
  ingest(dir);
  return dir;
}

test('calls of a user go, those of others stay, and the rollups say the same as the rows', async (context) => {
  const events = [...generatedEvents({ count: 900 })];
  const dir = ledgerOf(context, events);
  const database = openLedgerDatabase(dir);
  context.after(() => database.close());
  new Ingester(dir, database).rollups.catchUp(200);
  const before = tail(dir, { limit: 10_000 }).map(({ record }) => record);
  const theirs = before.filter(({ labels }) => labels.user === 'user-0');
  assert.equal(heldOf(dir, 'user-0'), theirs.length);

  const { calls } = eraseUserFrom(dir, 'user-0', now);
  assert.equal(calls, theirs.length);
  assert.deepEqual(tail(dir, { limit: 10_000 }).map(({ record }) => record), before.filter(({ labels }) => labels.user !== 'user-0')); // prettier-ignore
  const query: Query = { measures: ['calls', 'costUsd', 'latencyP95Ms', 'score', 'sessions'], dimensions: ['model'], bucket: 'day' };
  assert.deepEqual(await sqliteEngine(database, {}, () => now).answer(query), await sqliteEngine(database, { useRollups: false }, () => now).answer(query)); // prettier-ignore
  const users = await sqliteEngine(database, {}, () => now).answer({ measures: ['calls'], dimensions: ['user'] });
  assert.equal(users.rows.some(({ keys }) => keys[0] === 'user-0'), false); // prettier-ignore
});

test('whole records, feedback and bodies go too, and nothing of them is left in the files', (context) => {
  const dir = temporaryDir(context);
  const bodies = openBodyStore(dir);
  const hash = bodyHash(Buffer.from('what ann asked'));
  bodies.put(hash, Buffer.from('what ann asked'));
  bodies.close();
  const hers = call({ labels: { user: ann, session: 'session-of-ann' }, bodies: { request: hash } });
  const other = call({ labels: { user: 'bob' } });
  const comment = { type: 'feedback', at: now, score: 1, comment: 'comment-of-ann' } as const;
  fillJournal(dir, [
    hers,
    other,
    { ...comment, id: 'f1', about: { call: hers.id } },
    { ...comment, id: 'f2', about: { session: 'session-of-ann' } },
    { ...comment, id: 'f3', about: { call: other.id }, comment: 'of bob' },
  ]);
  const { calls, events, bodies: gone } = eraseUserFrom(dir, ann, now);
  assert.deepEqual({ calls, events, gone }, { calls: 1, events: 2, gone: 1 });
  assert.equal(findCall(dir, hers.id), undefined);
  assert.deepEqual(findCall(dir, other.id)?.record, other);
  assert.equal(getBody(dir, hash), undefined);
  const database = openLedgerDatabase(dir);
  const journal = new ErasedJournal(dir, database);
  database.exec('UPDATE erasure SET journal_cleared = 1; INSERT INTO sink VALUES (1, 1, 0, NULL, 0, 0)');
  journal.sweep(() => {});
  assert.equal(count(database, 'erasure'), 1, 'another store is yet to be told');
  database.exec('UPDATE sink SET erasure = 1');
  journal.sweep(() => {});
  assert.equal(count(database, 'erasure'), 0);
  database.close();
  const file = readFileSync(ledgerPath(dir)).toString('latin1');
  for (const text of [ann, 'session-of-ann', 'comment-of-ann']) assert.equal(file.includes(text), false, text);
});

test('a user nobody recorded is no error', (context) => {
  const dir = ledgerOf(context, [call()]);
  const { calls, events, bodies } = eraseUserFrom(dir, 'nobody', now);
  assert.deepEqual({ calls, events, bodies }, { calls: 0, events: 0, bodies: 0 });
});

test('the journal gives up its copies, however young, and goes on behind them', (context) => {
  const dir = temporaryDir(context);
  const journal = new Journal({ dir, segmentBytes: 1 << 20, sync: 'off', syncIntervalMs: 0, nextSequence: 1 });
  const commit = (user: string): void => void journal.commit(linesOf([call({ labels: { user } })]), 1);
  commit(ann);
  const database = openLedgerDatabase(dir);
  context.after(() => database.close());
  const ingester = new Ingester(dir, database);
  const erased = new ErasedJournal(dir, database);
  const rotate = (): void => {
    journal.rotate();
    ingester.catchUp();
  };
  erased.sweep(rotate);
  assert.deepEqual(segmentsOf(dir), [1], 'nobody was erased');

  eraseUserFrom(dir, ann, now);
  commit('bob');
  erased.sweep(rotate);
  assert.deepEqual(segmentsOf(dir), [2]);
  assert.equal(readFileSync(join(dir, 'journal', '00000002.log')).length, 0);
  const { left } = database.prepare('SELECT count(*) AS left FROM erasure WHERE journal_cleared = 0').get()!;
  assert.equal(left, 0);
  commit('bob');
  journal.close();
  ingester.catchUp();
  assert.deepEqual(tail(dir, { limit: 10 }).map(({ record }) => record.labels.user), ['bob', 'bob']); // prettier-ignore
});
