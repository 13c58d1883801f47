import { describe } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerEvent } from '../../core/record.ts';
import { conformanceNow, testQueryEngine, type MadeEngine } from '../../analytics/conformance.ts';
import { openLedgerDatabase } from '../database.ts';
import { fillJournal } from '../fixtures.ts';
import { Ingester } from '../ingest.ts';
import { clickHouseEngine } from './source.ts';
import { Spool } from './spool.ts';
import { freshDatabase, noChdb } from './testing.ts';

/** The records take the way they take in a gateway: journal, tables, spool. */
async function made(events: readonly LedgerEvent[]): Promise<MadeEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-spool-'));
  const database = openLedgerDatabase(dir);
  fillJournal(dir, events);
  new Ingester(dir, database).catchUp();
  const clickhouse = await freshDatabase();
  await new Spool(database, clickhouse).catchUp();
  const end = async (): Promise<void> => {
    await clickhouse.close();
    database.close();
    rmSync(dir, { recursive: true });
  };
  return { engine: clickHouseEngine(clickhouse, () => conformanceNow), end };
}

describe('ClickHouse', { skip: noChdb }, () => testQueryEngine('ClickHouse', made));
