import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { literal } from './condition.ts';
import { schemaSql } from './schema.ts';
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

describe('text in statements', { skip: noChdb }, () => {
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
