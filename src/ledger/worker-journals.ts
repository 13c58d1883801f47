import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockWriter, type WriterLock } from './lock.ts';
import { journalDir } from './segments.ts';

/** A journal that belongs to the ledger of a directory. `worker` 0: the one of the process that has the tables. */
export interface PlacedJournal {
  /** What holds the folder `journal`. */
  readonly dir: string;
  readonly worker: number;
}

const workersDir = (dir: string): string => join(dir, 'workers');

/** Journals there are, those of processes that are gone too. */
export function journalsOf(dir: string): readonly PlacedJournal[] {
  const names = existsSync(workersDir(dir)) ? readdirSync(workersDir(dir)) : [];
  const workers = names.flatMap((name) => (/^[1-9]\d{0,5}$/.test(name) ? [Number(name)] : [])).sort((left, right) => left - right);
  const all = [{ dir, worker: 0 }, ...workers.map((worker) => ({ dir: join(workersDir(dir), String(worker)), worker }))];
  return all.filter((journal) => existsSync(journalDir(journal.dir)));
}

/** Processes that may write to one directory at a time, those that are still ending included. */
export const maxWorkerJournals = 512;

/**
 * The first journal that nobody writes to. One whose process died is gone on with: the lock goes with the process.
 * @throws {Error} when all are taken
 */
export function takeWorkerJournal(dir: string): { readonly dir: string; readonly lock: WriterLock } {
  let last: unknown;
  for (let worker = 1; worker <= maxWorkerJournals; worker += 1) {
    const own = join(workersDir(dir), String(worker));
    mkdirSync(own, { recursive: true, mode: 0o700 });
    try {
      return { dir: own, lock: lockWriter(own) };
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`all ${maxWorkerJournals} journals in ${workersDir(dir)} are written to by others`, { cause: last });
}
