import { statSync } from 'node:fs';
import { join } from 'node:path';
import { generatedEvents } from '../../src/analytics/conformance/records.ts';
import { newId } from '../../src/core/id.ts';
import type { CallRecord } from '../../src/core/record.ts';
import { openLedgerDatabase } from '../../src/ledger/database.ts';
import { linesOf } from '../../src/ledger/fixtures.ts';
import { Ingester } from '../../src/ledger/ingest.ts';
import { Journal } from '../../src/ledger/journal.ts';
import { retain } from '../../src/ledger/retention.ts';

/** Days that the records are spread over, evenly. */
export const spanDays = 30;
const dayMs = 24 * 3_600_000;
/** Not on the hour, so that every query has edges. */
export const spanEnd = Date.UTC(2026, 10, 20, 13, 37, 11, 421);
export const spanStart = spanEnd - spanDays * dayMs;

/** Different kinds of calls, by all labels of few values; and bodies of calls that are drawn for them. */
const profileCount = 400;
const poolCount = 5000;
const users = 10_000;
const callsPerSession = 12;
const callsPerTask = 5;

const callsOf = (count: number, seed: number): readonly CallRecord[] =>
  [...generatedEvents({ count, seed })].filter((event) => event.type === 'call' && event.operation !== 'count_tokens') as CallRecord[];

/** Makes the n-th of `count` records: a kind of call from one list, its tokens, times and end from another. */
export function recordMaker(count: number): (index: number) => CallRecord {
  const profiles = callsOf(profileCount * 1.1, 7);
  const pool = callsOf(poolCount, 8);
  return (index) => {
    const profile = profiles[Math.floor((((index * 48_271) % 65_537) / 65_537) ** 2 * profiles.length)]!;
    const drawn = pool[(index * 7919) % pool.length]!;
    const at = Math.floor(spanStart + ((spanEnd - spanStart) * index) / count);
    const { buckets, cost, durationMs, timeToFirstByteMs, gatewayMs, parts } = drawn;
    return {
      ...profile,
      buckets,
      cost: { ...cost, status: profile.cost.status },
      durationMs,
      timeToFirstByteMs,
      gatewayMs,
      parts,
      id: newId(at),
      at,
      key: `key_${(index * 31) % 200}`,
      labels: {
        ...profile.labels,
        user: `user-${Math.floor((((index * 69_621) % 65_521) / 65_521) ** 2 * users)}`,
        session: `session-${Math.floor(index / (callsPerSession * 50)) * 50 + (index % 50)}`,
        task: index % 2 === 0 ? `task-${Math.floor(index / (callsPerTask * 20)) * 20 + (index % 20)}` : undefined,
      },
    };
  };
}

export interface Loaded {
  readonly ingestCpuUsPerRecord: number;
  readonly rollupCpuUsPerRecord: number;
  readonly ledgerBytes: number;
  readonly bytesPerRecord: number;
  readonly rollupRows: number;
}

/** Records in one frame, and between two turns of the tables. */
const frameRecords = 1000;
const turnRecords = 50_000;

/** Fills a ledger as a busy gateway does: journal, tables, rollups, in turns. */
export function load(dir: string, count: number, progress: (line: string) => void): Loaded {
  const database = openLedgerDatabase(dir);
  const ingester = new Ingester(dir, database);
  const made = recordMaker(count);
  let [ingestMs, rollupMs] = [0, 0];
  for (let index = 0; index < count;) {
    const end = Math.min(count, index + turnRecords);
    const journal = new Journal({ dir, segmentBytes: 1 << 26, sync: 'off', syncIntervalMs: 0, nextSequence: ingester.nextSequence });
    for (; index < end; index += frameRecords) {
      const frame = Array.from({ length: Math.min(frameRecords, end - index) }, (_, offset) => made(index + offset));
      journal.commit(linesOf(frame), frame.length);
    }
    journal.close();
    ingestMs += timed(() => ingester.catchUp());
    rollupMs += timed(() => ingester.rollups.catchUp());
    retain(dir, database, { journalRetentionMs: 0, rowRetentionMs: Infinity, maxWaitingBytes: 0 }, Date.now() + 1);
    if (index % 1_000_000 === 0) progress(`${index / 1_000_000} M records`);
  }
  const rows = database.prepare('SELECT (SELECT count(*) FROM rollup_hour) + (SELECT count(*) FROM rollup_day) AS rows').get()!;
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize');
  database.close();
  const ledgerBytes = statSync(join(dir, 'ledger.db')).size;
  return {
    ingestCpuUsPerRecord: perRecord(ingestMs, count),
    rollupCpuUsPerRecord: perRecord(rollupMs, count),
    ledgerBytes,
    bytesPerRecord: Math.round(ledgerBytes / count),
    rollupRows: Number(rows['rows']),
  };
}

const perRecord = (ms: number, count: number): number => Math.round((ms * 10_000) / count) / 10;

/** CPU of this thread, ms: other programs take turns on the same cores. */
function timed(work: () => void): number {
  const started = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}
