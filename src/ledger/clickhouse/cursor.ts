import type { DatabaseSync } from 'node:sqlite';
import { newId } from '../../core/id.ts';

/** How far another store has the ledger. Kept in the ledger's own database. */
export interface Cursor {
  /** Of this ledger, so that batches of several can be told apart. */
  readonly ledger: string;
  /** Records up to this sequence are there. */
  readonly through: number;
  /** Where the batch under way ends: it may be there already, or not. */
  readonly pending: number | undefined;
  /** The last repricing, and the last erasure, that were carried over. */
  readonly repricing: number;
  readonly erasure: number;
}

const name = 'clickhouse';

/** Where the store is; a new one begins with the oldest record there is. */
export function readCursor(database: DatabaseSync): Cursor {
  const find = database.prepare('SELECT ledger, through_sequence, pending_sequence, repricing, erasure FROM sink WHERE name = ?');
  let row = find.get(name);
  if (!row) {
    database.prepare('INSERT OR IGNORE INTO sink VALUES (?, ?, 0, NULL, 0, 0)').run(name, newId(Date.now()));
    row = find.get(name)!;
  }
  return {
    ledger: String(row['ledger']),
    through: Number(row['through_sequence']),
    pending: row['pending_sequence'] === null ? undefined : Number(row['pending_sequence']),
    repricing: Number(row['repricing']),
    erasure: Number(row['erasure']),
  };
}

/** Durable as everything in the database is: after a power cut it may be an older one, which does no harm. */
export function moveCursor(database: DatabaseSync, { through, pending, repricing, erasure }: Omit<Cursor, 'ledger'>): void {
  database
    .prepare('UPDATE sink SET through_sequence = ?, pending_sequence = ?, repricing = ?, erasure = ? WHERE name = ?')
    .run(through, pending ?? null, repricing, erasure, name);
}

/** What the tables hold that ClickHouse may not have yet. */
export interface Waiting {
  readonly records: number;
  /** As they are kept, compressed. */
  readonly bytes: number;
}

export function waitingFor(database: DatabaseSync, { through }: Pick<Cursor, 'through'>): Waiting {
  const row = database
    .prepare('SELECT coalesce(sum(count), 0) AS records, coalesce(sum(length(payload)), 0) AS bytes FROM block WHERE first_sequence > ?')
    .get(through)!;
  return { records: Number(row['records']), bytes: Number(row['bytes']) };
}
