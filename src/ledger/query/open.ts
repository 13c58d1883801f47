import type { Answer, Query } from '../../analytics/query.ts';
import { openUpToDate } from '../report.ts';
import { sqliteEngine } from './engine.ts';
import { Rollups, unrolled } from './rollups.ts';

/** Rows that a question reads faster than it would take to roll them up first. */
const worthRolling = 50_000;

/** Answers from the ledger in `dir`, brought up to date first, rollups too when many rows lack. @throws {RangeError} for a wrong question */
export async function queryLedger(dir: string, query: Query): Promise<Answer> {
  const database = openUpToDate(dir);
  try {
    if (unrolled(database) > worthRolling) new Rollups(database).catchUp();
    return await sqliteEngine(database).answer(query);
  } finally {
    database.close();
  }
}
