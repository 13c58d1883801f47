import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerEvent } from '../../core/record.ts';
import { conformanceNow, testQueryEngine, type MadeEngine } from '../../analytics/conformance.ts';
import { openLedgerDatabase } from '../database.ts';
import { fillJournal } from '../fixtures.ts';
import { Ingester } from '../ingest.ts';
import { sqliteEngine } from './engine.ts';

interface Filling {
  /** Share of the records that are in the rollups. */
  readonly rolled: number;
  readonly useRollups: boolean;
}

/** A ledger in a directory of its own. Feedback about calls that are in rollups corrects them. */
async function made(events: readonly LedgerEvent[], { rolled, useRollups }: Filling): Promise<MadeEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-query-'));
  const database = openLedgerDatabase(dir);
  const ingester = new Ingester(dir, database);
  const cut = Math.floor(events.length * rolled);
  let sequence = 1;
  for (const part of [events.slice(0, Math.floor(cut / 2)), events.slice(Math.floor(cut / 2), cut), events.slice(cut)]) {
    fillJournal(dir, part, sequence);
    ingester.catchUp();
    sequence += part.length;
    if (sequence - 1 <= cut) ingester.rollups.catchUp(700);
  }
  const end = (): void => {
    database.close();
    rmSync(dir, { recursive: true });
  };
  return { engine: sqliteEngine(database, { useRollups }, () => conformanceNow), end };
}

testQueryEngine('SQLite with rollups', (events) => made(events, { rolled: 1, useRollups: true }));
testQueryEngine('SQLite with rollups that lag behind', (events) => made(events, { rolled: 0.6, useRollups: true }));
testQueryEngine('SQLite with rows only', (events) => made(events, { rolled: 0, useRollups: false }));
