import type { DatabaseSync } from 'node:sqlite';
import { openMigrated } from '../../ledger/database.ts';
import type { SettingStore } from '../../core/stores.ts';
import { checkSetting } from '../checks.ts';
import { stateMigrations } from './migrations.ts';
import { statePath } from './keys.ts';

/** Settings in `state.db`, by a connection of their own: a change is on disk when it is answered. */
export function openSqliteSettings(dir: string, busyTimeoutMs = 5000): SettingStore & { readonly close: () => void } {
  const database: DatabaseSync = openMigrated(statePath(dir), stateMigrations, busyTimeoutMs);
  database.exec('PRAGMA synchronous = FULL');
  const find = database.prepare('SELECT version, value FROM setting WHERE name = ?');
  const add = database.prepare('INSERT INTO setting VALUES (?, 1, ?) ON CONFLICT DO NOTHING');
  const replace = database.prepare('UPDATE setting SET version = version + 1, value = ? WHERE name = ? AND version = ?');
  return {
    read: async (name) => {
      const row = find.get(name);
      return row ? { version: Number(row['version']), value: String(row['value']) } : { version: 0, value: undefined };
    },
    version: async (name) => Number(find.get(name)?.['version'] ?? 0),
    async write(name, value, version) {
      checkSetting(name, value, version);
      return (version === 0 ? add.run(name, value) : replace.run(value, name, version)).changes === 1;
    },
    close: () => database.close(),
  };
}
