import { existsSync, mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { openMigrated, transaction } from './database.ts';
import type { BodyLimits } from './settings.ts';
import type { Migration } from './migrations.ts';

/** Request and reply bodies by what they contain: the same bytes are kept once. Apart from the ledger, with a life of their own. */
export interface BodyStore {
  readonly put: (hash: string, bytes: Uint8Array) => void;
  readonly get: (hash: string) => Buffer | undefined;
  /** Deletes what is too old, then the oldest until the rest fits; returns how many went. A body stored again counts as new. */
  readonly retain: (limits: Pick<BodyLimits, 'maxAgeMs' | 'maxBytes'>, nowMs: number) => number;
  /** Deletes bodies by their hashes, overwriting them; returns how many were there. */
  readonly erase: (hashes: Iterable<string>) => number;
  readonly close: () => void;
}

export const bodyHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE body (
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL,
  compressed INTEGER NOT NULL,
  bytes BLOB NOT NULL
);
CREATE INDEX body_at ON body (at, stored_bytes);
`,
  },
];

const bodiesPath = (dir: string): string => join(dir, 'bodies.db');

export function openBodyStore(dir: string): BodyStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const database = openMigrated(bodiesPath(dir), migrations, 10_000);
  const touch = database.prepare('UPDATE body SET at = ? WHERE hash = ?');
  const add = database.prepare(
    'INSERT OR IGNORE INTO body (hash, at, raw_bytes, stored_bytes, compressed, bytes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const find = database.prepare('SELECT compressed, raw_bytes, bytes FROM body WHERE hash = ?');
  return {
    put(hash, bytes) {
      const key = Buffer.from(hash, 'hex');
      if (touch.run(Date.now(), key).changes > 0) return;
      const packed = zstdCompressSync(bytes);
      const smaller = packed.length < bytes.length;
      add.run(key, Date.now(), bytes.length, smaller ? packed.length : bytes.length, smaller ? 1 : 0, smaller ? packed : bytes);
    },
    get(hash) {
      const row = find.get(Buffer.from(hash, 'hex'));
      if (!row) return undefined;
      const bytes = row['bytes'] as Uint8Array;
      return row['compressed'] === 1
        ? zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, Number(row['raw_bytes'])) })
        : Buffer.from(bytes);
    },
    retain: ({ maxAgeMs, maxBytes }, nowMs) =>
      transaction(database, () => {
        const aged = database.prepare('DELETE FROM body WHERE at < ?').run(nowMs - maxAgeMs).changes;
        const over = database.prepare(oldestOver).run(maxBytes).changes;
        return Number(aged) + Number(over);
      }),
    erase: (hashes) => {
      database.exec('PRAGMA secure_delete = ON');
      const remove = database.prepare('DELETE FROM body WHERE hash = ?');
      const erased = transaction(database, () =>
        [...hashes].reduce((sum, hash) => sum + Number(remove.run(Buffer.from(hash, 'hex')).changes), 0),
      );
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return erased;
    },
    close: () => database.close(),
  };
}

/** Newest first, what still fits stays. */
const oldestOver = `
DELETE FROM body WHERE number IN (
  SELECT number FROM (SELECT number, sum(stored_bytes) OVER (ORDER BY at DESC, number DESC) AS newer FROM body) WHERE newer > ?
)`;

/** One stored body of the ledger in `dir`, or `undefined` when it is not (or no longer) there. */
export function getBody(dir: string, hash: string): Buffer | undefined {
  if (!existsSync(bodiesPath(dir))) return undefined;
  const store = openBodyStore(dir);
  try {
    return store.get(hash);
  } finally {
    store.close();
  }
}
