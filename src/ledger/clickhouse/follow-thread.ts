import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openLedgerDatabase } from '../database.ts';
import { connectClickHouse, type ClickHouse } from './client.ts';
import { readCursor, waitingFor } from './cursor.ts';
import { dropMonths } from './erase.ts';
import type { FollowerStart, FromFollower } from './follow.ts';
import { Spool } from './spool.ts';

/** Between two tries when ClickHouse is away: from a second up to half a minute. */
const retry = { firstMs: 1000, mostMs: 30_000 } as const;
const retentionIntervalMs = 3_600_000;
/** How long what is left may take when the ledger closes; the rest goes with the next start. */
const closingMs = 5000;

const { dir, address, intervalMs, retentionMs } = workerData as FollowerStart;
const database = openLedgerDatabase(dir);
const closing = new AbortController();
let closeBy = Infinity;

parentPort!.once('message', () => {
  closeBy = performance.now() + closingMs;
  closing.abort();
});

function tell(message: FromFollower): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage(message);
}

const isClosing = (): boolean => closing.signal.aborted;

/** Ends early when the ledger closes. */
const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: closing.signal }).catch(() => {});

async function run(): Promise<void> {
  const clickhouse = await connectClickHouse(address);
  tell({ type: 'ready' });
  const spool = new Spool(database, clickhouse);
  let [failures, retainedAt] = [0, -Infinity];
  while (!isClosing()) {
    try {
      const { more } = await spool.step();
      if (performance.now() - retainedAt > retentionIntervalMs) {
        await retain(clickhouse);
        retainedAt = performance.now();
      }
      failures = 0;
      tellState();
      if (!more) await pause(intervalMs);
    } catch (error) {
      tellState(error);
      await pause(Math.min(retry.mostMs, retry.firstMs * 2 ** failures++));
    }
  }
  await finish(spool);
  await clickhouse.close();
}

async function retain(clickhouse: ClickHouse): Promise<void> {
  if (retentionMs !== undefined) await dropMonths(clickhouse, Date.now() - retentionMs);
}

/** What came last, if ClickHouse takes it. */
async function finish(spool: Spool): Promise<void> {
  try {
    for (let more = true; more && performance.now() < closeBy;) ({ more } = await spool.step());
    tellState();
  } catch (error) {
    tellState(error);
  }
}

function tellState(error?: unknown): void {
  tell({
    type: 'state',
    waiting: waitingFor(database, readCursor(database)),
    ...(error !== undefined && { fault: error instanceof Error ? error.message : JSON.stringify(error) }),
  });
}

run()
  .finally(() => {
    database.close();
    parentPort!.close();
  })
  .catch((error: unknown) => {
    throw error; // heard by whoever started the thread
  });
