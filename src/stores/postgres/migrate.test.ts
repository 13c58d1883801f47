import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { freshName, whereServed } from '../testing.ts';
import { postgresMigrations } from './migrations.ts';
import { openPostgresStores, type PostgresOptions } from './index.ts';

whereServed('postgres migrations', 'MODICUM_TEST_POSTGRES_URL', ({ href: url }) => {
  const optionsFor = (schema: string): PostgresOptions => ({ url, schema, maxReplyBytes: 1000, timeoutMs: 5000 });

  async function withSchema(work: (schema: string, client: pg.Client) => Promise<void>): Promise<void> {
    const schema = freshName();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await work(schema, client);
    } finally {
      await client.query(`SET client_min_messages TO error; DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
      await client.end();
    }
  }

  test('gateways that start together make the schema once', () =>
    withSchema(async (schema, client) => {
      const all = await Promise.all(Array.from({ length: 5 }, () => openPostgresStores(optionsFor(schema))));
      assert.deepEqual(
        all.map((stores) => stores.health()),
        all.map(() => undefined),
      );
      await all[0]!.budgets.set('c', 3);
      assert.deepEqual(await all[4]!.budgets.read(['c']), [{ id: 'c', spent: 3, held: 0 }]);
      await Promise.all(all.map((stores) => stores.close()));
      const { rows } = await client.query(`SELECT version FROM "${schema}".schema_version`);
      assert.deepEqual(
        rows,
        postgresMigrations.map(({ version }) => ({ version })),
      );
    }));

  test('a schema of a newer program, or one that was changed, is refused at the start', () =>
    withSchema(async (schema, client) => {
      await (await openPostgresStores(optionsFor(schema))).close();
      await client.query(`INSERT INTO "${schema}".schema_version (version, checksum) VALUES (99, 'x')`);
      await assert.rejects(openPostgresStores(optionsFor(schema)), /schema version 99, this program knows up to 2/);
      await client.query(`DELETE FROM "${schema}".schema_version WHERE version = 99; UPDATE "${schema}".schema_version SET checksum = 'x'`);
      await assert.rejects(openPostgresStores(optionsFor(schema)), /schema version 1 of the database is not the one/);
    }));

  test('a name that is no plain name of a schema is refused', async () => {
    await assert.rejects(openPostgresStores(optionsFor('a"; DROP')), RangeError);
  });
});
