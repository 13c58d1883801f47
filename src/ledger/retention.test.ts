import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { readCursor } from './clickhouse/cursor.ts';
import { openLedgerDatabase } from './database.ts';
import { call, record, temporaryDir } from './fixtures.ts';
import { Ingester } from './ingest.ts';
import { retain } from './retention.ts';

const now = Date.UTC(2026, 10, 25);
const hour = 3_600_000;

/** Four frames of one call each, an hour apart, all old. */
function opened(context: TestContext): { readonly dir: string; readonly database: DatabaseSync } {
  const dir = temporaryDir(context);
  const database = openLedgerDatabase(dir);
  context.after(() => database.close());
  for (let index = 0; index < 4; index++) record(dir, [call({ at: now - (10 - index) * hour })], index + 1);
  new Ingester(dir, database).catchUp();
  return { dir, database };
}

const blocks = (database: DatabaseSync): unknown[] =>
  database.prepare('SELECT first_sequence FROM block ORDER BY 1').all().map((row) => row['first_sequence']); // prettier-ignore
const bytesOf = (database: DatabaseSync): number =>
  Number(database.prepare('SELECT max(length(payload)) AS bytes FROM block').get()!['bytes']);
const retention = { journalRetentionMs: Infinity, rowRetentionMs: hour } as const;

test('whole records go with their rows when nobody follows the ledger', (context) => {
  const { dir, database } = opened(context);
  assert.deepEqual(retain(dir, database, { ...retention, maxWaitingBytes: 0 }, now), { lostRecords: 0 });
  assert.deepEqual(blocks(database), []);
});

test('what another store does not have yet is kept', (context) => {
  const { dir, database } = opened(context);
  readCursor(database);
  database.exec('UPDATE sink SET through_sequence = 2');
  assert.deepEqual(retain(dir, database, { ...retention, maxWaitingBytes: Infinity }, now), { lostRecords: 0 });
  assert.deepEqual(blocks(database), [3, 4]);
  database.exec('UPDATE sink SET through_sequence = 4');
  retain(dir, database, { ...retention, maxWaitingBytes: Infinity }, now);
  assert.deepEqual(blocks(database), []);
});

test('beyond the limit the oldest go, and their number is told', (context) => {
  const { dir, database } = opened(context);
  readCursor(database);
  const bytes = bytesOf(database);
  assert.deepEqual(retain(dir, database, { ...retention, maxWaitingBytes: 4 * bytes }, now), { lostRecords: 0 });
  assert.deepEqual(retain(dir, database, { ...retention, maxWaitingBytes: 2 * bytes }, now), { lostRecords: 2 });
  assert.deepEqual(blocks(database), [3, 4]);
});
