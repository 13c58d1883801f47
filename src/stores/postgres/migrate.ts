import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Migration } from '../../ledger/migrations.ts';
import { checkApplied, checksumOf } from '../../ledger/database.ts';

/**
 * Brings the schema up to date in one transaction, under a lock of the whole database, so that gateways that start together do it once.
 * @throws {Error} when a newer program has made it, or a released migration differs from the one it was made with.
 */
export async function migratePostgres(client: ClientBase, schema: string, migrations: readonly Migration[]): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockNumber(schema)]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    await client.query(`SET LOCAL search_path TO "${schema}"`);
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_version (version int PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ version: number; checksum: string }>('SELECT version, checksum FROM schema_version');
    const applied = new Map(rows.map(({ version, checksum }) => [version, checksum]));
    checkApplied(applied, migrations);
    for (const { version, sql } of migrations) {
      if (applied.has(version)) continue;
      await client.query(sql);
      await client.query('INSERT INTO schema_version (version, checksum) VALUES ($1, $2)', [version, checksumOf(sql)]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** 48 bits of a name: a number of its own among the locks of all programs, as far as that can be. */
const lockNumber = (schema: string): number => createHash('sha256').update(`modicum/${schema}`).digest().readUIntBE(0, 6);
