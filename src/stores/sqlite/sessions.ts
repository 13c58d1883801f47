import type { DatabaseSync } from 'node:sqlite';
import type { SessionStore } from '../../core/stores.ts';
import { checkAmounts, checkId, checkSize } from '../checks.ts';
import { storeLimits } from '../limits.ts';

export function createSqliteSessions(database: DatabaseSync, now: () => number): SessionStore {
  const find = database.prepare('SELECT value FROM session WHERE id = ? AND ends_at > ?');
  const put = database.prepare('REPLACE INTO session VALUES (?, ?, ?)');
  const drop = database.prepare('DELETE FROM session WHERE id = ?');
  const dropEnded = database.prepare('DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ends_at <= ? LIMIT 16)');
  return {
    get: async (id) => {
      const row = find.get(id, now());
      return row && String(row['value']);
    },
    async put(id, value, ttlMs) {
      checkId(id);
      checkAmounts({ ttlMs });
      checkSize('session', Buffer.byteLength(value), storeLimits.sessionBytes);
      dropEnded.run(now()); // a few each time, so that their number stays bounded by that of the living
      put.run(id, value, now() + ttlMs);
    },
    async delete(id) {
      drop.run(id);
    },
  };
}
