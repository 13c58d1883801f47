import { statSync, unlinkSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { transaction } from './database.ts';
import { Rollups } from './query/rollups.ts';
import { segmentPath, segmentsOf } from './segments.ts';
import { journalsOf, type PlacedJournal } from './worker-journals.ts';

export interface Retention {
  /** Records that another store still wants are kept beyond `rowRetentionMs`, compressed, up to so many bytes. */
  readonly maxWaitingBytes: number;
  /** Segments that are in the tables go when nothing was written to them for this long. */
  readonly journalRetentionMs: number;
  /** Calls that arrived longer ago than this go; `Infinity` keeps them. */
  readonly rowRetentionMs: number;
}

export interface Retained {
  /** Records given up that another store did not have yet. */
  readonly lostRecords: number;
}

export function retain(dir: string, database: DatabaseSync, retention: Retention, nowMs: number): Retained {
  const { journalRetentionMs, rowRetentionMs, maxWaitingBytes } = retention;
  for (const journal of journalsOf(dir)) deleteSegments(journal, database, nowMs - journalRetentionMs);
  database.prepare('DELETE FROM owner_spent WHERE at < ?').run(nowMs - ownersKeptMs);
  return { lostRecords: rowRetentionMs === Infinity ? 0 : deleteRows(database, nowMs - rowRetentionMs, maxWaitingBytes) };
}

/** Longer than any window of a budget but `total`, and than stores remember the dead. */
const ownersKeptMs = 400 * 24 * 3_600_000;
/** Rows deleted in one transaction. */
const batchRows = 5000;

/** Only what the tables hold, and hold safely: their own write-ahead log must have been synced since. */
export function deleteSegments({ dir, worker }: PlacedJournal, database: DatabaseSync, beforeMs: number): void {
  const of = worker === 0 ? 'checkpoint' : 'worker_checkpoint WHERE worker = ?';
  const reached = Number(database.prepare(`SELECT segment FROM ${of}`).get(...(worker === 0 ? [] : [worker]))?.['segment'] ?? 0);
  const old = segmentsOf(dir).filter((segment) => segment < reached && statSync(segmentPath(dir, segment)).mtimeMs < beforeMs);
  if (old.length === 0) return;
  const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (busy === 0) for (const segment of old) unlinkSync(segmentPath(dir, segment));
}

/** Returns the records given up that a sink still wanted. */
function deleteRows(database: DatabaseSync, beforeMs: number, maxWaitingBytes: number): number {
  const rollups = new Rollups(database);
  const old = database.prepare(`SELECT max(sequence) AS last, count(*) AS count FROM (${oldCalls} ORDER BY sequence LIMIT ${batchRows})`);
  const calls = database.prepare('DELETE FROM call WHERE sequence <= ? AND at < ?');
  const deleteSome = (): number => {
    const { last, count } = old.get(beforeMs, beforeMs)!;
    if (count === 0) return 0;
    rollups.changing('c.sequence <= ? AND c.at < ?', [last!, beforeMs], () => calls.run(last!, beforeMs));
    return Number(count);
  };
  while (transaction(database, deleteSome) === batchRows);
  return transaction(database, () => {
    database.prepare('DELETE FROM event WHERE at < ?').run(beforeMs);
    database.prepare(`DELETE FROM block WHERE max_at < ? AND first_sequence <= ${reached}`).run(beforeMs);
    return giveUp(database, beforeMs, maxWaitingBytes);
  });
}

/** How far the slowest of the stores that follow the ledger is. */
const reached = `(SELECT coalesce(min(through_sequence), ${Number.MAX_SAFE_INTEGER}) FROM sink)`;

/** Old records that wait for another store go, the oldest first, when there are too many: a disk is finite. */
function giveUp(database: DatabaseSync, beforeMs: number, maxWaitingBytes: number): number {
  const over = database.prepare(`
SELECT coalesce(max(first_sequence), 0) AS last, coalesce(sum(count), 0) AS records FROM (
  SELECT first_sequence, count, sum(length(payload)) OVER (ORDER BY first_sequence DESC) AS newer FROM block WHERE max_at < ?
) WHERE newer > ?`);
  const { last, records } = over.get(beforeMs, maxWaitingBytes) as { readonly last: number; readonly records: number };
  if (records > 0) database.prepare('DELETE FROM block WHERE first_sequence <= ? AND max_at < ?').run(last, beforeMs);
  return records;
}

/** Old calls can lie only in blocks that begin before the time. */
const oldCalls = 'SELECT sequence FROM call WHERE sequence < (SELECT max(first_sequence + count) FROM block WHERE min_at < ?) AND at < ?';
