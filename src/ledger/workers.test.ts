import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { tail } from './calls.ts';
import { openLedgerDatabase } from './database.ts';
import { call, record, temporaryDir } from './fixtures.ts';
import { ingest } from './ingest.ts';
import { openLedger } from './ledger.ts';
import { totalsOf } from './owners.ts';
import { report } from './report.ts';
import { takeWorkerJournal } from './worker-journals.ts';

const booked = (owner: string, spent: Readonly<Record<string, readonly [number, number?]>>) =>
  call({ annotations: { booked: { owner, spent } } });

test('journals of several processes come into the tables of one directory, each record once', (t) => {
  const dir = temporaryDir(t);
  record(dir, [call(), call()]);
  for (const worker of ['1', '2']) record(join(dir, 'workers', worker), [call(), call(), call()]);
  assert.equal(ingest(dir).calls, 8);
  assert.equal(ingest(dir).calls, 0);
  record(join(dir, 'workers', '2'), [call()], 4);
  record(dir, [call()], 3);
  assert.equal(ingest(dir).calls, 2);
  assert.equal(new Set(tail(dir, { limit: 100 }).map(({ record: { id } }) => id)).size, 10);
  assert.equal(report(dir, { by: ['model'] }).rows[0]!.calls, 10);
});

test('what budgets booked is summed by process life and counter, each call once', (t) => {
  const dir = temporaryDir(t);
  const calls = [booked('a', { x: [5], y: [1, 99] }), booked('a', { x: [7] }), booked('b', { x: [3] }), call()];
  record(dir, calls);
  record(join(dir, 'workers', '1'), [...calls.slice(0, 1), booked('a', { x: [1] })]);
  ingest(dir);
  const database = openLedgerDatabase(dir);
  assert.deepEqual(totalsOf(database, 'a'), [
    { counter: 'x', spent: 13, endsAt: undefined },
    { counter: 'y', spent: 1, endsAt: 99 },
  ]);
  assert.deepEqual(totalsOf(database, 'nobody'), []);
  database.close();
});

test('a worker writes its own journal beside the process that has the tables, which reads it', async (t) => {
  const dir = temporaryDir(t);
  const primary = await openLedger({ dir, hasWorkers: true });
  const [first, second] = [takeWorkerJournal(dir), takeWorkerJournal(dir)];
  assert.notEqual(first.dir, second.dir);
  const worker = await openLedger({ dir, journalDir: first.dir });
  worker.append(call());
  await worker.durable();
  assert.equal(tail(dir, { limit: 9 }).length, 1, 'a report reads on while both run');
  await worker.close();
  first.lock.release();
  assert.equal(takeWorkerJournal(dir).dir, first.dir, 'its journal is free again');
  await primary.close();
});
