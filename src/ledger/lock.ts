import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './database.ts';

export interface WriterLock {
  readonly release: () => void;
}

/**
 * Makes this process the only writer of `dir`. The lock is SQLite's own on an empty file, which the system takes back when the process
 * dies, however it dies: no lock is ever stale, not even when another process has got the same id, or in another container.
 * A file beside it says who holds it, for the message only. `what`: of several things in `dir` that have one writer each, which.
 * @throws {Error} when another gateway, or another part of this one, holds it.
 */
export function lockWriter(dir: string, what = 'writer'): WriterLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(dir, `${what}.lock`), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new Error(`another gateway${holderOf(dir, what)} writes to ${dir}: stop it, or give this one another data directory`, {
      cause: error,
    });
  }
  const holder = { pid: process.pid, host: hostname(), startedAt: new Date(Date.now() - process.uptime() * 1000).toISOString() };
  writeFileSync(holderPath(dir, what), JSON.stringify(holder));
  return {
    release() {
      rmSync(holderPath(dir, what), { force: true });
      database.close();
    },
  };
}

const holderPath = (dir: string, what: string): string => join(dir, `${what}.json`);

function holderOf(dir: string, what: string): string {
  try {
    const { pid, host, startedAt } = JSON.parse(readFileSync(holderPath(dir, what), 'utf8')) as Record<string, unknown>;
    return ` (process ${String(pid)} on ${String(host)}, started ${String(startedAt)})`;
  } catch {
    return '';
  }
}
