import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { ledgerPath, openLedgerDatabase } from './database.ts';
import { Ingester } from './ingest.ts';
import { all, figuresOf, from, keyList, keysOf, newest, type Costed, type Figures, type ReportRow, type SqlRow } from './figures.ts';
import { conditionOf, isReportKey, type Condition, type ReportKey, type Selection } from './keys.ts';
import { partRows } from './parts.ts';
import { journalDir } from './segments.ts';

export interface Report {
  /** ISO time of the range asked for, else of the first and last call. */
  readonly from: string | null;
  readonly to: string | null;
  readonly by: readonly ReportKey[];
  /** By cost, then by calls, the most first. */
  readonly rows: readonly ReportRow[];
  readonly totals: Figures;
  /** Token counting costs nothing and generates nothing: such calls are in no row, unless a filter on `operation` asks for them. */
  readonly countTokensCalls: number;
}

export interface ReportRequest extends Selection {
  readonly by: readonly string[];
}

/**
 * Sums over the calls of the ledger in `dir`, brought up to date first.
 * @throws {RangeError} when a key or a filter is not known. @throws {Error} when there is no ledger.
 */
export const report = (dir: string, request: ReportRequest): Report => withLedger(dir, (database) => reportOn(database, request));

/** Opens the ledger in `dir`, brings its tables up to its journal, and closes it behind `work`. */
export function withLedger<T>(dir: string, work: (database: DatabaseSync) => T): T {
  const database = openUpToDate(dir);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** The ledger in `dir`, its tables brought up to its journal, for the caller to close. @throws {Error} when there is none */
export function openUpToDate(dir: string): DatabaseSync {
  if (!existsSync(ledgerPath(dir)) && !existsSync(journalDir(dir))) throw new Error(`no ledger in ${dir}`);
  const database = openLedgerDatabase(dir);
  try {
    new Ingester(dir, database).catchUp();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function reportOn(database: DatabaseSync, request: ReportRequest): Report {
  const by = request.by.filter(isReportKey);
  const counting = request.filters?.['operation'] !== undefined;
  const all = conditionOf(request);
  const where: Condition = counting ? all : { ...all, sql: `d.operation <> 'count_tokens' AND ${all.sql}` };
  const rows = by.includes('part') ? partRows(database, by, where) : groups(database, by, where);
  const total = sums(database, [], where)[0]!;
  return {
    from: iso(request.since ?? total['first']),
    to: iso(request.until ?? total['last']),
    by,
    rows: by.length === 0 ? [] : [...rows].sort(byCost).map(withoutCost),
    totals: figuresOf(total),
    countTokensCalls: counting ? 0 : count(database, { ...all, sql: `d.operation = 'count_tokens' AND ${all.sql}` }),
  };
}

const iso = (at: SqlRow[string] | undefined): string | null =>
  at === null || at === undefined ? null : new Date(Number(at)).toISOString();

const withoutCost = ({ cost: _cost, ...row }: Costed): ReportRow => row;

const byCost = (left: Costed, right: Costed): number => {
  if (left.cost !== right.cost) return (left.cost ?? -1n) < (right.cost ?? -1n) ? 1 : -1;
  if (left.calls !== right.calls) return right.calls - left.calls;
  return String(left.key) < String(right.key) ? -1 : 1;
};

const sumsSql = `
count(*) AS calls, sum(d.outcome <> 'ok') AS failed,
sum(c.input_tokens) AS input_tokens, sum(c.cache_read_tokens) AS cache_read_tokens, sum(c.cache_write_tokens) AS cache_write_tokens,
sum(c.output_tokens) AS output_tokens, sum(c.reasoning_tokens) AS reasoning_tokens,
sum(${newest('cost')}) AS cost, sum(${newest('input_cost')}) AS input_cost, sum(${newest('cache_read_cost')}) AS cache_read_cost,
sum(${newest('cache_write_cost')}) AS cache_write_cost, sum(${newest('output_cost')}) AS output_cost,
sum(${newest('reasoning_cost')}) AS reasoning_cost, sum(${newest('cost')} IS NULL) AS unpriced,
sum(d.usage_source IN ('estimated', 'partial')) AS estimated, sum(c.unknown_tokens) AS incomplete, sum(c.attempts) AS attempts,
group_concat(c.duration_us) AS durations, min(c.at) AS first, max(c.at) AS last`;

function sums(database: DatabaseSync, by: readonly ReportKey[], where: Condition): SqlRow[] {
  const { named, names } = keyList(by);
  const grouping = names.length > 0 ? `GROUP BY ${names.join(', ')}` : '';
  return all(database, `SELECT ${named} ${sumsSql} ${from} WHERE ${where.sql} ${grouping}`, where);
}

function groups(database: DatabaseSync, by: readonly ReportKey[], where: Condition): Costed[] {
  return sums(database, by, where).map((row) => ({ ...keysOf(by, row), ...figuresOf(row), cost: row['cost'] as bigint | null }));
}

const count = (database: DatabaseSync, where: Condition): number =>
  Number(all(database, `SELECT count(*) AS n ${from} WHERE ${where.sql}`, where)[0]!['n']);
