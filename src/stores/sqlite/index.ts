import { mkdirSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { openMigrated, transaction } from '../../ledger/database.ts';
import { lockWriter, type WriterLock } from '../../ledger/lock.ts';
import type { Lender, Stores } from '../../core/stores.ts';
import { retention, type Retention } from '../limits.ts';
import { lenderOf } from '../memory/lender.ts';
import { steadyNow } from '../memory/index.ts';
import type { ReplyLimits } from '../memory/replies.ts';
import { createKeptCounters, type KeptCounters } from './counters.ts';
import { openSqliteKeys, statePath } from './keys.ts';
import { stateMigrations } from './migrations.ts';
import { openSqliteReplies } from './replies.ts';
import { createSqliteSessions } from './sessions.ts';
import { openSqliteSettings } from './settings.ts';

export interface SqliteOptions extends ReplyLimits, Partial<Retention> {
  /** Folder of `state.db` and `cache.db`. */
  readonly dir: string;
  /** How long a change of a counter may be in memory only. */
  readonly flushEveryMs?: number;
}

/**
 * State of one process on its own disk: counters in memory and a moment later in `state.db`, keys at once, replies in `cache.db`.
 * Other processes ask this one; only keys may be changed beside it (`openSqliteKeys`).
 * @throws {Error} when another process holds the state of `dir`
 */
export async function openSqliteStores(options: SqliteOptions): Promise<Stores> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const lock = lockWriter(options.dir, 'state');
  try {
    return opened(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function opened({ dir, maxReplyBytes, flushEveryMs = 20, ...kept }: SqliteOptions, lock: WriterLock): Stores {
  const database = openMigrated(statePath(dir), stateMigrations, 5000);
  const wasKilled = database.prepare('SELECT clean FROM run').get()!['clean'] === 0;
  database.exec('UPDATE run SET clean = 0');

  const flusher = createFlusher(database, flushEveryMs);
  const lender = (purpose: string): Lender => {
    const options = { now: steadyNow, ...retention, ...kept, wasKilled, changed: flusher.changed };
    return lenderOf(flusher.keep(createKeptCounters(database, purpose, options)));
  };
  const keys = openSqliteKeys(dir);
  const settings = openSqliteSettings(dir);
  const replies = openSqliteReplies(dir, { now: steadyNow, maxReplyBytes });
  return {
    budgets: lender('budgets'),
    limits: lender('limits'),
    keys,
    settings,
    sessions: createSqliteSessions(database, steadyNow),
    replies,
    health: flusher.health,
    async close() {
      flusher.stop();
      flusher.flush();
      flusher.stop();
      if (flusher.health() === undefined) database.exec('UPDATE run SET clean = 1');
      replies.close();
      keys.close();
      settings.close();
      database.close();
      lock.release();
    },
  };
}

/** Writes changes of counters together, some time after the first of them. What could not be written is tried again. */
function createFlusher(database: DatabaseSync, everyMs: number) {
  const kept: KeptCounters[] = [];
  let timer: NodeJS.Timeout | undefined;
  let reason: string | undefined;
  const changed = (): void => {
    timer ??= setTimeout(flush, reason === undefined ? everyMs : 50 * everyMs).unref();
  };
  const flush = (): void => {
    timer = undefined;
    try {
      transaction(database, () => kept.forEach(({ write }) => write()));
      kept.forEach(({ written }) => written());
      reason = undefined;
    } catch (error) {
      reason = `counters cannot be written: ${error instanceof Error ? error.message : String(error)}`;
      changed();
    }
  };
  return {
    changed,
    flush,
    keep: (counters: KeptCounters) => {
      kept.push(counters);
      return counters.counters;
    },
    health: () => reason,
    stop: () => clearTimeout(timer),
  };
}
