import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CallRecord, StageSkipped } from '../core/record.ts';
import { findCall, tail } from './calls.ts';
import { ledgerPath, openLedgerDatabase } from './database.ts';
import { anyCall, call, linesOf, record, temporaryDir } from './fixtures.ts';
import { ingest, Ingester } from './ingest.ts';
import { Journal } from './journal.ts';
import { encodeLine } from './line.ts';
import { report } from './report.ts';
import { asideDir, segmentPath } from './segments.ts';
import fc from 'fast-check';

const calls = (count: number): CallRecord[] => Array.from({ length: count }, () => call());
const rows = (dir: string): number => report(dir, { by: [] }).totals.calls;

test('the journal comes into the tables once, however often it is replayed', (context) => {
  const dir = temporaryDir(context);
  record(dir, calls(3));
  assert.deepEqual(ingest(dir), { calls: 3, events: 0, faults: [], unreadable: 0 });
  assert.deepEqual(ingest(dir), { calls: 0, events: 0, faults: [], unreadable: 0 });
  record(dir, calls(2), 4);
  assert.equal(ingest(dir).calls, 2);
  rmSync(ledgerPath(dir));
  assert.equal(ingest(dir).calls, 5);
});

test('the same id twice is one row, the first', (context) => {
  const dir = temporaryDir(context);
  const first = call({ model: 'first' });
  record(dir, [first, { ...first, model: 'second' }]);
  record(dir, [{ ...first, model: 'third' }, call()], 3);
  assert.equal(rows(dir), 2);
  assert.equal(findCall(dir, first.id)?.record.model, 'first');
});

test('every record can be read back whole', (context) => {
  const dir = temporaryDir(context);
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 20 }), (recorded) => {
      rmSync(dir, { recursive: true, force: true });
      record(dir, recorded);
      assert.deepEqual(tail(dir, { limit: 100 }).map((stored) => stored.record), recorded); // prettier-ignore
    }),
    { numRuns: 20 },
  );
});

test('an event that is no call stands in its own table', (context) => {
  const dir = temporaryDir(context);
  const event: StageSkipped = { type: 'stage.skipped', id: 'e1', requestId: 'r1', at: 5, stage: 'context', reason: 'broke' };
  const journal = new Journal({ dir, segmentBytes: 1000, sync: 'off', syncIntervalMs: 0, nextSequence: 1 });
  journal.commit(Buffer.from(`${encodeLine(event)}\n${encodeLine(call())}\n`), 2);
  assert.deepEqual(ingest(dir), { calls: 1, events: 1, faults: [], unreadable: 0 });
  const database = openLedgerDatabase(dir);
  assert.deepEqual(JSON.parse(String(database.prepare('SELECT body FROM event').get()!['body'])), event);
  database.close();
});

test('a line that cannot be read is counted; the others stand where they should', (context) => {
  const dir = temporaryDir(context);
  const [before, after] = [call(), call()];
  const journal = new Journal({ dir, segmentBytes: 1000, sync: 'off', syncIntervalMs: 0, nextSequence: 1 });
  journal.commit(Buffer.concat([linesOf([before]), Buffer.from('{broken\n'), linesOf([after])]), 3);
  assert.deepEqual(ingest(dir), { calls: 2, events: 0, faults: [], unreadable: 1 });
  assert.deepEqual(findCall(dir, after.id)?.record, after);
});

test('more records than one transaction takes, over several segments', (context) => {
  const dir = temporaryDir(context);
  const journal = new Journal({ dir, segmentBytes: 20_000, sync: 'off', syncIntervalMs: 0, nextSequence: 1 });
  for (let batch = 0; batch < 14; batch++) journal.commit(linesOf(calls(1000)), 1000);
  journal.close();
  assert.equal(ingest(dir).calls, 14_000);
});

test('a damaged frame is reported, kept aside, and the rest is read', (context) => {
  const dir = temporaryDir(context);
  const journal = new Journal({ dir, segmentBytes: 1 << 20, sync: 'off', syncIntervalMs: 0, nextSequence: 1 });
  const [one, two] = [journal.commit(linesOf(calls(5)), 5), journal.commit(linesOf(calls(7)), 7)];
  journal.commit(linesOf(calls(2)), 2);
  journal.close();
  const bytes = readFileSync(segmentPath(dir, 1));
  bytes[two.end - 1]! ^= 0xff;
  writeFileSync(segmentPath(dir, 1), bytes);
  const { calls: read, faults } = ingest(dir);
  assert.equal(read, 7);
  assert.deepEqual(faults, [{ segment: 1, offset: one.end, bytes: two.end - one.end, reason: 'corrupt' }]);
  assert.deepEqual(readFileSync(`${asideDir(dir)}/1-${one.end}.bytes`), bytes.subarray(one.end, two.end));
  assert.deepEqual(ingest(dir).faults, []);
});

test('an end torn at any byte waits while it is the last segment, and is passed over when another follows', (context) => {
  const dir = temporaryDir(context);
  record(dir, calls(1));
  record(dir, calls(1), 2);
  const bytes = readFileSync(segmentPath(dir, 1));
  const after = readFileSync(segmentPath(dir, 2));
  for (let length = 1; length < bytes.length; length += 7) {
    rmSync(dir, { recursive: true });
    record(dir, []);
    writeFileSync(segmentPath(dir, 1), bytes.subarray(0, length));
    assert.deepEqual(ingest(dir), { calls: 0, events: 0, faults: [], unreadable: 0 });
    writeFileSync(segmentPath(dir, 2), after);
    const { calls: read, faults } = ingest(dir);
    assert.deepEqual([read, faults], [1, [{ segment: 1, offset: 0, bytes: length, reason: 'torn' }]]);
    assert.equal(readdirSync(asideDir(dir)).length, 1);
  }
});

test('several processes ingest at once: every record once', async (context) => {
  const dir = temporaryDir(context);
  const journal = new Journal({ dir, segmentBytes: 100_000, sync: 'off', syncIntervalMs: 0, nextSequence: 1 });
  for (let batch = 0; batch < 60; batch++) journal.commit(linesOf(calls(300)), 300);
  journal.close();
  const program = new URL('./ingest.child.ts', import.meta.url);
  const children = [1, 2, 3].map(() => fork(program, [dir], { stdio: 'pipe' }));
  const counts = await Promise.all(children.map(async (child) => Number((await once(child, 'message'))[0])));
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 18_000); // prettier-ignore
  assert.equal(rows(dir), 18_000);
});

test('a transaction that fails leaves the tables as they were, dimensions included', (context) => {
  const dir = temporaryDir(context);
  record(dir, [call({ labels: { app: 'new' } })]);
  const database = openLedgerDatabase(dir);
  const ingester = new Ingester(dir, database);
  database.exec(`CREATE TRIGGER broken BEFORE INSERT ON block BEGIN SELECT raise(ABORT, 'no'); END`);
  assert.throws(() => ingester.catchUp(), /no/);
  database.exec('DROP TRIGGER broken');
  assert.equal(ingester.catchUp().calls, 1);
  database.close();
  assert.equal(report(dir, { by: ['app'] }).rows[0]?.key, 'new');
});
