import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { isBusy, openMigrated, transaction } from '../../ledger/database.ts';
import type { ReplyStore } from '../../core/stores.ts';
import { checkAmounts, checkId, checkSize } from '../checks.ts';
import { storeLimits } from '../limits.ts';
import type { ReplyLimits } from '../memory/replies.ts';
import { cacheMigrations } from './migrations.ts';

export const cachePath = (dir: string): string => join(dir, 'cache.db');

/** Uses noted in memory before they are written: of the order of use no more than these is lost. */
const maxNotedUses = 1000;

/** Replies in `cache.db`. They can be had again, so a file that cannot be read is made anew. */
export function openSqliteReplies(
  dir: string,
  { now, maxReplyBytes }: ReplyLimits & { readonly now: () => number },
): ReplyStore & { readonly close: () => void } {
  const database = openAnyway(cachePath(dir));
  const drop = database.prepare('DELETE FROM reply WHERE key = ? RETURNING bytes');
  const dropEnded = database.prepare(
    'DELETE FROM reply WHERE number IN (SELECT number FROM reply WHERE ends_at <= ? LIMIT 64) RETURNING bytes',
  );
  const dropOldest = database.prepare('DELETE FROM reply WHERE number = (SELECT number FROM reply ORDER BY used LIMIT 1) RETURNING bytes');
  const add = database.prepare('INSERT INTO reply (key, used, ends_at, bytes, value) VALUES (?, ?, ?, ?, ?)');
  const find = database.prepare('SELECT value FROM reply WHERE key = ? AND ends_at > ?');
  const { total, last } = database.prepare('SELECT coalesce(sum(bytes), 0) AS total, coalesce(max(used), 0) AS last FROM reply').get()!;
  let bytes = Number(total);
  const uses = noteUses(database, Number(last));
  const without = (gone: readonly Record<string, unknown>[]): boolean => {
    for (const row of gone) bytes -= Number(row['bytes']);
    return gone.length > 0;
  };
  const insert = (key: string, value: Uint8Array, endsAt: number): void => {
    uses.write();
    without(dropEnded.all(now()));
    without(drop.all(key));
    while (bytes + value.length > maxReplyBytes && without(dropOldest.all()));
    add.run(key, uses.next(), endsAt, value.length, value);
    bytes += value.length;
  };
  return {
    async get(key) {
      const row = find.get(key, now());
      if (!row) return undefined;
      uses.note(key);
      return row['value'] as Uint8Array;
    },
    async put(key, value, ttlMs) {
      checkId(key);
      checkAmounts({ ttlMs });
      checkSize('reply', value.length, Math.min(storeLimits.replyBytes, maxReplyBytes));
      const before = bytes;
      try {
        transaction(database, () => insert(key, value, now() + ttlMs));
      } catch (error) {
        bytes = before;
        throw error;
      }
    },
    async delete(key) {
      without(drop.all(key));
    },
    close() {
      transaction(database, uses.write);
      database.close();
    },
  };
}

/** The order of use, kept in memory between writes: reading a reply writes nothing. */
function noteUses(database: DatabaseSync, last: number) {
  const noted = new Map<string, number>();
  const update = database.prepare('UPDATE reply SET used = ? WHERE key = ?');
  const write = (): void => {
    for (const [key, use] of noted) update.run(use, key);
    noted.clear();
  };
  return {
    next: () => (last += 1),
    note(key: string): void {
      noted.set(key, (last += 1));
      if (noted.size >= maxNotedUses) transaction(database, write);
    },
    write,
  };
}

function openAnyway(path: string): DatabaseSync {
  const open = (): DatabaseSync => openMigrated(path, cacheMigrations, 5000);
  try {
    return open();
  } catch (error) {
    if (isBusy(error)) throw error;
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    return open();
  }
}
