import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { ledgerPath } from '../database.ts';
import { readers, type ReaderStart, type ReadJob, type ReadResult } from './reads.ts';

/** Pages of the ledger this thread keeps, KiB, negative as SQLite wants it. */
const cacheKib = -65_536;
const { dir } = workerData as ReaderStart;
let database: DatabaseSync | undefined;

function opened(): DatabaseSync {
  if (database) return database;
  database = new DatabaseSync(ledgerPath(dir), { readOnly: true, timeout: 5000 });
  database.exec(`PRAGMA cache_size = ${cacheKib}; PRAGMA temp_store = MEMORY`);
  return database;
}

async function done({ id, kind, asked }: ReadJob): Promise<ReadResult> {
  try {
    return { id, given: await readers[kind](opened(), asked as never, dir) };
  } catch (error) {
    return { id, error: error instanceof RangeError ? 'range' : 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort!.on('message', (job: ReadJob) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  void done(job).then((result) => parentPort!.postMessage(result));
});
