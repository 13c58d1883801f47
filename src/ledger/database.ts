import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ledgerMigrations, type Migration } from './migrations.ts';

export const ledgerPath = (dir: string): string => join(dir, 'ledger.db');

export interface DatabaseOptions {
  /** How long a statement waits for another process's transaction. */
  readonly busyTimeoutMs: number;
}

/**
 * Opens the ledger's database, and makes or brings its schema up to date.
 * @throws {Error} when a newer program has made it, or a released migration differs from the one it was made with.
 */
export function openLedgerDatabase(dir: string, { busyTimeoutMs }: DatabaseOptions = { busyTimeoutMs: 10_000 }): DatabaseSync {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return openMigrated(ledgerPath(dir), ledgerMigrations, busyTimeoutMs);
}

/** Opens any SQLite file of ours. WAL, and no sync per transaction: what a power cut takes from it, the journal gives back. */
export function openMigrated(path: string, migrations: readonly Migration[], busyTimeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY',
    );
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `work` as one transaction that holds the write lock from its beginning. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Whether an error says that another process holds the write lock. */
export const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
const sqliteBusy = 5;

export const checksumOf = (sql: string): string => createHash('sha256').update(sql).digest('hex');

/** Applies, under the write lock, the migrations that are not there yet. */
export function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  if (isCurrent(database, migrations)) return; // the usual case, without a lock
  transaction(database, () => {
    database.exec(
      'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL)',
    );
    const applied = appliedTo(database);
    checkApplied(applied, migrations);
    const add = database.prepare('INSERT INTO schema_version VALUES (?, ?, ?)');
    for (const { version, sql } of migrations) {
      if (applied.has(version)) continue;
      database.exec(sql);
      add.run(version, checksumOf(sql), Date.now());
    }
  });
}

function isCurrent(database: DatabaseSync, migrations: readonly Migration[]): boolean {
  if (!database.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'schema_version'`).get()) return false;
  const applied = appliedTo(database);
  checkApplied(applied, migrations);
  return applied.size === migrations.length;
}

/** Version to checksum. */
function appliedTo(database: DatabaseSync): Map<number, string> {
  const rows = database.prepare('SELECT version, checksum FROM schema_version').all();
  return new Map(rows.map((row) => [Number(row['version']), String(row['checksum'])]));
}

/** @throws {Error} when what was applied, version to checksum, is not what this program would apply */
export function checkApplied(applied: ReadonlyMap<number, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map(({ version, sql }) => [version, checksumOf(sql)]));
  for (const [version, checksum] of applied) {
    const expected = known.get(version);
    if (expected === undefined)
      throw new Error(
        `the database has schema version ${version}, this program knows up to ${Math.max(0, ...known.keys())}: use the newer program`,
      );
    if (expected !== checksum) throw new Error(`schema version ${version} of the database is not the one this program would make`);
  }
}
