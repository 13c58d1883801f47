import type { DatabaseSync } from 'node:sqlite';
import { createQueryEngine } from '../../analytics/engine.ts';
import type { QueryEngine } from '../../analytics/query.ts';
import { sqliteSource, type SqliteSourceOptions } from './source.ts';

/** Answers from the ledger's tables, on the thread that asks. The database stays the caller's. */
export const sqliteEngine = (database: DatabaseSync, options: SqliteSourceOptions = {}, now?: () => number): QueryEngine =>
  createQueryEngine(sqliteSource(database, options), now);
