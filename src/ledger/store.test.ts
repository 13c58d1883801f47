import assert from 'node:assert/strict';
import { rmSync, utimesSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NanoUsd } from '../core/usage.ts';
import { bodyHash, openBodyStore } from './bodies.ts';
import { findCall, tail } from './calls.ts';
import { migrate, openLedgerDatabase } from './database.ts';
import { call, cost, record, temporaryDir } from './fixtures.ts';
import { ingest } from './ingest.ts';
import { split, usd } from './money.ts';
import { report } from './report.ts';
import { reprice } from './reprice.ts';
import { retain } from './retention.ts';
import { segmentPath, segmentsOf } from './segments.ts';

const amounts: readonly [bigint, string][] = [
  [0n, '0'],
  [1n, '0.000000001'],
  [1_000_000_000n, '1'],
  [1_500_000n, '0.0015'],
  [-20n, '-0.00000002'],
  [18_014_398_509_481_983n, '18014398.509481983'],
];
for (const [nano, text] of amounts) test(`${nano} nano-USD are ${text} USD`, () => assert.equal(usd(nano), text));

test('shares are whole, never negative, and sum to what was divided', () => {
  const weights = fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(fc.maxSafeNat(), weights, (total, parts) => {
      const shares = split(total, parts);
      assert.equal(shares.reduce((sum, share) => sum + BigInt(share), 0n), BigInt(total)); // prettier-ignore
      assert.ok(shares.every((share) => Number.isSafeInteger(share) && share >= 0));
    }),
  );
});

test('tail gives the newest, or what came after a call, in the order of recording', (context) => {
  const dir = temporaryDir(context);
  const calls = ['a', 'b', 'a', 'b', 'a'].map((app) => call({ labels: { app } }));
  record(dir, calls);
  const ids = (request: Parameters<typeof tail>[1]) => tail(dir, request).map((one) => calls.findIndex(({ id }) => id === one.record.id));
  assert.deepEqual(ids({ limit: 2 }), [3, 4]);
  assert.deepEqual(ids({ limit: 2, after: calls[0]!.id }), [1, 2]);
  assert.deepEqual(ids({ limit: 9, filters: { app: 'a' } }), [0, 2, 4]);
  assert.deepEqual(ids({ limit: 9, after: calls[4]!.id }), []);
  assert.throws(() => ids({ limit: 1, after: 'nowhere' }), /no call nowhere/);
  assert.equal(findCall(dir, 'nowhere'), undefined);
});

test('an id that is no UUID is found as well', (context) => {
  const dir = temporaryDir(context);
  const odd = call({ id: 'request-7' });
  record(dir, [odd]);
  assert.deepEqual(findCall(dir, 'request-7')?.record, odd);
});

test('repricing keeps the first cost, reports sum the newest, and the difference is exact', (context) => {
  const dir = temporaryDir(context);
  record(dir, [call({ model: 'x', cost: cost(100) }), call({ model: 'x', cost: cost(null) }), call({ model: 'y', cost: cost(7) })]);
  const price = () => ({ ...cost(150, { output: 150 as NanoUsd }), priceVersion: 'v2' });
  const expected = { calls: 2, changed: 2, beforeUsd: '0.0000001', afterUsd: '0.0000003', differenceUsd: '0.0000002', unpricedBefore: 1, unpricedAfter: 0, priceVersions: ['v2'] }; // prettier-ignore
  assert.deepEqual(reprice(dir, { model: 'x', price, dryRun: true }), expected);
  assert.equal(report(dir, { by: [] }).totals.costUsd, usd(107n));
  assert.deepEqual(reprice(dir, { model: 'x', price }), { ...expected, id: 1 });
  const { totals } = report(dir, { by: [] });
  assert.deepEqual([totals.costUsd, totals.outputCostUsd, totals.unpricedCalls], [usd(307n), usd(300n), 0]);
  const [first] = tail(dir, { limit: 3 });
  assert.deepEqual([first!.record.cost.total, first!.repriced], [100, { repricing: 1, cost: 150 }]);
  const again = reprice(dir, { model: 'x', price: () => cost(null) });
  assert.deepEqual([again.id, again.beforeUsd, again.unpricedAfter], [2, usd(300n), 2]);
  assert.equal(report(dir, { by: [], filters: { model: 'x' } }).totals.costUsd, null);
});

test('a price that throws leaves everything as it was', (context) => {
  const dir = temporaryDir(context);
  record(dir, [call({ cost: cost(1) }), call({ cost: cost(2) })]);
  let asked = 0;
  const price = () => {
    if (++asked === 2) throw new Error('no catalog');
    return cost(50);
  };
  assert.throws(() => reprice(dir, { price }), /no catalog/);
  assert.equal(report(dir, { by: [] }).totals.costUsd, usd(3n));
});

test('rows older than the retention go; segments go only when the tables hold them', (context) => {
  const dir = temporaryDir(context);
  const now = Date.UTC(2026, 10, 25);
  record(dir, [call({ at: now - 1001 }), call({ at: now - 1000 })]);
  record(dir, [call({ at: now })], 3);
  ingest(dir);
  record(dir, [call({ at: now })], 4);
  for (const segment of segmentsOf(dir)) utimesSync(segmentPath(dir, segment), 1, 1);
  const database = openLedgerDatabase(dir);
  retain(dir, database, { journalRetentionMs: 0, rowRetentionMs: 1000, maxWaitingBytes: 0 }, now);
  database.close();
  assert.deepEqual(segmentsOf(dir), [2, 3]); // 2 was the last one when it was read, so more might have come
  assert.equal(report(dir, { by: [] }).totals.calls, 3);
  assert.deepEqual(tail(dir, { limit: 9 }).map(({ sequence }) => sequence), [2, 3, 4]); // prettier-ignore
});

test('a body is kept once; old ones go, then the oldest until the rest fits', (context) => {
  const dir = temporaryDir(context);
  const store = openBodyStore(dir);
  const bodies = [1, 2, 3].map((seed) => Buffer.from(Array.from({ length: 100 }, (_, index) => (index * 37 * seed) % 251)));
  for (const body of [...bodies, bodies[0]!, Buffer.alloc(0)]) store.put(bodyHash(body), body);
  assert.deepEqual(store.get(bodyHash(bodies[1]!)), bodies[1]);
  assert.deepEqual(store.get(bodyHash(Buffer.alloc(0))), Buffer.alloc(0));
  const now = Date.now();
  assert.equal(store.retain({ maxAgeMs: 60_000, maxBytes: 300 }, now), 0);
  assert.equal(store.retain({ maxAgeMs: 60_000, maxBytes: 299 }, now), 1);
  assert.equal(store.retain({ maxAgeMs: -60_000, maxBytes: 1e9 }, now), 3);
  assert.equal(store.get(bodyHash(bodies[2]!)), undefined);
  store.close();
});

test('migrations run once, in order; a changed or unknown one is refused', (context) => {
  const dir = temporaryDir(context);
  const database = new DatabaseSync(`${dir}/some.db`);
  const one = { version: 1, sql: 'CREATE TABLE a (x)' };
  const two = { version: 2, sql: 'ALTER TABLE a ADD COLUMN y' };
  migrate(database, [one]);
  migrate(database, [one, two]);
  migrate(database, [one, two]);
  assert.deepEqual(database.prepare('SELECT version FROM schema_version').all().map(({ version }) => version), [1, 2]); // prettier-ignore
  assert.throws(() => migrate(database, [one]), /schema version 2, this program knows up to 1/);
  assert.throws(() => migrate(database, [{ ...one, sql: 'CREATE TABLE b (x)' }, two]), /schema version 1 of the database is not the one/);
  const broken = { version: 3, sql: 'CREATE TABLE c (x); CREATE TABLE a (x)' };
  assert.throws(() => migrate(database, [one, two, broken]), /already exists/);
  assert.deepEqual(database.prepare(`SELECT name FROM sqlite_master WHERE name = 'c'`).all(), []);
  database.close();
});

test('tables that are deleted come back from the journal', (context) => {
  const dir = temporaryDir(context);
  record(dir, [call(), call()]);
  ingest(dir);
  for (const end of ['', '-wal', '-shm']) rmSync(`${dir}/ledger.db${end}`, { force: true });
  assert.equal(report(dir, { by: [] }).totals.calls, 2);
});
