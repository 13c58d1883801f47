import type { DatabaseSync } from 'node:sqlite';
import type { Owner } from '../../core/stores.ts';
import type { CountersOptions, Entry } from '../memory/book.ts';
import { createCounters, type Counters } from '../memory/counters.ts';

export interface KeptCounters {
  readonly counters: Counters;
  /** Writes what changed since the last time. Belongs in a transaction; `written` once that is through. */
  readonly write: () => void;
  readonly written: () => void;
}

/** Counters in memory, made from what is on disk, that know what of them is not there yet. */
export function createKeptCounters(
  database: DatabaseSync,
  purpose: string,
  { changed, ...options }: Omit<CountersOptions, 'changed'> & { readonly changed: () => void; readonly wasKilled: boolean },
): KeptCounters {
  const counterIds = new Set<string>();
  const owners = new Set<Owner>();
  const note =
    <T>(changes: Set<T>) =>
    (id: T): void => {
      changes.add(id);
      changed();
    };
  const counters = createCounters({ ...options, changed: { counter: note(counterIds), owner: note(owners) } });
  load(database, purpose, counters, options.wasKilled);
  const write = writer(database, purpose, counters);
  return {
    counters,
    write: () => {
      counterIds.forEach(write.counter);
      owners.forEach(write.owner);
    },
    written: () => {
      counterIds.clear();
      owners.clear();
    },
  };
}

/** After a kill the last words of all that lived may be missing, so each of them is one to be corrected once it has expired. */
function load(database: DatabaseSync, purpose: string, { entries, lives }: Counters, wasKilled: boolean): void {
  const rowsOf = (sql: string) => database.prepare(sql).all(purpose);
  for (const { id, spent, ends_at } of rowsOf('SELECT id, spent, ends_at FROM counter WHERE purpose = ?'))
    entries.set(String(id), {
      id: String(id),
      spent: Number(spent),
      leased: Number(spent),
      endsAt: ends_at === null ? undefined : Number(ends_at),
      rows: new Map(),
    });
  for (const { id, expires_at, died_at } of rowsOf('SELECT id, expires_at, died_at FROM owner WHERE purpose = ?'))
    lives.set(String(id), {
      expiresAt: Number(expires_at),
      diedAt: died_at === null ? undefined : Number(died_at),
      counters: new Set(),
    });
  for (const { counter, owner, spent, lease, open } of rowsOf('SELECT counter, owner, spent, lease, open FROM share WHERE purpose = ?')) {
    const entry = entries.get(String(counter))!;
    const life = lives.get(String(owner))!;
    life.counters.add(entry.id);
    entry.leased += Number(lease) - Number(spent);
    const isSuspect = wasKilled && life.diedAt === undefined;
    entry.rows.set(String(owner), { spent: Number(spent), lease: Number(lease), open: isSuspect || open === 1 });
  }
}

function writer(database: DatabaseSync, purpose: string, { entries, lives }: Counters) {
  const putCounter = database.prepare('REPLACE INTO counter VALUES (?, ?, ?, ?)');
  const putShare = database.prepare('REPLACE INTO share VALUES (?, ?, ?, ?, ?, ?)');
  const putOwner = database.prepare('REPLACE INTO owner VALUES (?, ?, ?, ?)');
  const dropCounter = database.prepare('DELETE FROM counter WHERE purpose = ? AND id = ?');
  const dropShares = database.prepare('DELETE FROM share WHERE purpose = ? AND counter = ?');
  const dropOwner = database.prepare('DELETE FROM owner WHERE purpose = ? AND id = ?');
  const dropSharesOf = database.prepare('DELETE FROM share WHERE purpose = ? AND owner = ?');
  const put = ({ id, spent, endsAt, rows }: Entry): void => {
    putCounter.run(purpose, id, spent, endsAt ?? null);
    for (const [owner, row] of rows) putShare.run(purpose, id, owner, row.spent, row.lease, row.open ? 1 : 0);
  };
  return {
    counter: (id: string): void => {
      const entry = entries.get(id);
      if (entry) return put(entry);
      dropShares.run(purpose, id);
      dropCounter.run(purpose, id);
    },
    owner: (owner: Owner): void => {
      const life = lives.get(owner);
      if (life) return void putOwner.run(purpose, owner, life.expiresAt, life.diedAt ?? null);
      dropSharesOf.run(purpose, owner);
      dropOwner.run(purpose, owner);
    },
  };
}
