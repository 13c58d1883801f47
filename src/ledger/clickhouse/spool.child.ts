import { openLedgerDatabase } from '../database.ts';
import { clickHouseEngine } from './source.ts';
import { Spool } from './spool.ts';
import { openChdb } from './testing.ts';

/**
 * Carries the ledger in `dir` over to the engine in `path`. With a number, the process is killed when so many batches are there, before
 * the cursor says so; without one it ends with an answer on stdout.
 */
const [dir, path, killAt] = process.argv.slice(2) as [string, string, string | undefined];
const database = openLedgerDatabase(dir);
const clickhouse = await openChdb(path);
let batches = 0;
const spool = new Spool(database, clickhouse, {
  batchRecords: 500,
  inserted: () => {
    batches += 1;
    if (batches === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  },
});
await spool.catchUp();
const { totals } = await clickHouseEngine(clickhouse).answer({
  measures: ['calls', 'costUsd', 'totalTokens', 'latencyP95Ms', 'users', 'score', 'scoredCalls'],
  from: 0,
  to: Date.UTC(2030, 0, 1),
});
process.stdout.write(JSON.stringify(totals.values));
await clickhouse.close();
database.close();
