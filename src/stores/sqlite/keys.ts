import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openMigrated, transaction } from '../../ledger/database.ts';
import { KeyNameTakenError, StoreLimitError } from '../../core/store-errors.ts';
import type { KeyStore, VirtualKey } from '../../core/stores.ts';
import { checkId } from '../checks.ts';
import { storeLimits } from '../limits.ts';
import { stateMigrations } from './migrations.ts';

export const statePath = (dir: string): string => join(dir, 'state.db');

/** The keys alone, which any process may read and change while a gateway runs: by `modicum keys` for one. A change is on disk when it is answered. */
export function openSqliteKeys(dir: string, busyTimeoutMs = 5000): KeyStore & { readonly close: () => void } {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const database = openMigrated(statePath(dir), stateMigrations, busyTimeoutMs);
  database.exec('PRAGMA synchronous = FULL'); // a key that was revoked stays revoked after a power cut
  const all = database.prepare('SELECT body FROM virtual_key ORDER BY made_at, id');
  const version = database.prepare('SELECT version FROM key_version');
  const holder = database.prepare('SELECT id FROM virtual_key WHERE name = ?');
  const others = database.prepare('SELECT count(*) AS n FROM virtual_key WHERE id <> ?');
  const put = database.prepare('REPLACE INTO virtual_key VALUES (?, ?, ?, ?)');
  const raise = database.prepare('UPDATE key_version SET version = version + 1');
  return {
    all: async () => all.all().map(({ body }) => JSON.parse(String(body)) as VirtualKey),
    async put(key) {
      checkId(key.id);
      transaction(database, () => {
        if ((holder.get(key.name)?.['id'] ?? key.id) !== key.id) throw new KeyNameTakenError(key.name);
        if (Number(others.get(key.id)!['n']) >= storeLimits.keys) throw new StoreLimitError(`more than ${storeLimits.keys} keys`);
        put.run(key.id, key.name, key.createdAt, JSON.stringify(key));
        raise.run();
      });
    },
    version: async () => Number(version.get()!['version']),
    close: () => database.close(),
  };
}
