import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ClickHouse } from './client.ts';
import { literal } from './condition.ts';
import { dropMonths, eraseUser } from './erase.ts';
import { makeTables, schemaSql } from './schema.ts';
import { freshDatabase, noChdb } from './testing.ts';

test('on a cluster tables are made on all hosts, and replicated; the columns are the same', () => {
  const [, alone] = schemaSql({ database: 'modicum', cluster: undefined });
  const [database, table] = schemaSql({ database: 'modicum', cluster: 'main' });
  assert.equal(database, 'CREATE DATABASE IF NOT EXISTS `modicum` ON CLUSTER `main`');
  assert.match(table!, /^CREATE TABLE IF NOT EXISTS `modicum`\.call ON CLUSTER `main` \(/);
  assert.match(table!, /ENGINE = ReplicatedMergeTree\('\/clickhouse\/tables\/\{shard\}\/\{database\}\/\{table\}', '\{replica\}'\)/);
  assert.match(table!, /replicated_deduplication_window_seconds = 604800/);
  assert.match(alone!, /ENGINE = MergeTree\n/);
  const columns = (sql: string): string => sql.slice(sql.indexOf('('), sql.indexOf('\n) ENGINE'));
  assert.equal(columns(table!), columns(alone!));
});

test('money is a whole number, and a cost may be unknown', () => {
  const [, table] = schemaSql({ database: 'modicum', cluster: undefined });
  assert.match(table!, /^cost Nullable\(Int64\)/m);
  assert.doesNotMatch(table!, /Float|Decimal/);
});

describe('statements', { skip: noChdb }, () => {
  test('those for a cluster are ones the server can read', async (context) => {
    const clickhouse = await freshDatabase();
    context.after(() => clickhouse.close());
    const statements: string[] = [];
    const run = async (sql: string): Promise<void> => void statements.push(sql);
    const cluster: ClickHouse = { ...clickhouse, cluster: 'main', run, rows: async () => [['202601']] };
    await makeTables(cluster);
    await eraseUser(cluster, `o'hara`, 0);
    await dropMonths(cluster, Date.UTC(2026, 10, 1));
    assert.equal(statements.length, 4);
    for (const sql of statements) {
      assert.match(sql, /ON CLUSTER `main`/);
      await clickhouse.rows(`SELECT formatQuery(${literal(sql)})`); // refuses what it cannot read
    }
  });

  test('any text comes back as it was', async (context) => {
    const clickhouse = await freshDatabase();
    context.after(() => clickhouse.close());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 }), async (texts) => {
        const whole = texts.map((text) => text.toWellFormed());
        const [row] = await clickhouse.rows(`SELECT [${whole.map(literal).join(', ')}]`);
        assert.deepEqual(row![0], whole);
      }),
      { numRuns: 30 },
    );
  });
});
