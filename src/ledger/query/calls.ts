import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Filter } from '../../analytics/query.ts';
import { storedCalls, type StoredCall } from '../calls.ts';
import type { Condition } from '../keys.ts';
import { idValue } from '../row.ts';
import { callCondition, joined, stretchCondition } from './condition.ts';
import { shownCall } from './shown-call.ts';
import { callTables } from './sums-sql.ts';

export interface CallsRequest {
  readonly filters: readonly Filter[];
  /** Epoch ms; from included, to excluded. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Words that must all stand in the id, the labels, the models or the marks of a call. */
  readonly search?: string | undefined;
  /** Id of a call: only calls recorded before it. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Calls at once, and words of a search, at most. */
export const callsLimits = { calls: 500, sessionCalls: 2000, words: 8 } as const;

/** The newest first; `before` of the next page, unless this is the last. @throws {RangeError} when `before` is no call */
export function callsOf(database: DatabaseSync, request: CallsRequest): { readonly calls: readonly StoredCall[]; readonly next?: string } {
  const { filters, from = 0, to = Number.MAX_SAFE_INTEGER, search = '', before, limit } = request;
  const through = before === undefined ? Infinity : sequenceOf(database, before) - 1;
  const stretch = stretchCondition(database, { from, to, through });
  if (!stretch) return { calls: [] };
  const conditions = [callCondition(filters), stretch, ...wordsOf(search).map(wordCondition)];
  const sequences = sequencesOf(database, joined(conditions), 'DESC', Math.min(limit, callsLimits.calls) + 1);
  const shown = sequences.slice(0, Math.min(limit, callsLimits.calls));
  const calls = storedCalls(database, shown.toReversed()).toReversed();
  const last = calls.at(-1);
  return { calls, ...(sequences.length > shown.length && last && { next: last.record.id }) };
}

/** Calls of a session in the order they arrived, token counting left out. */
export const sessionCalls = (database: DatabaseSync, session: string): readonly StoredCall[] =>
  storedCalls(
    database,
    sequencesOf(database, callCondition([{ dimension: 'session', values: [session] }]), 'ASC', callsLimits.sessionCalls),
  );

export interface TailAsked {
  /** Sequence; without one no calls are given, only where to go on. */
  readonly behind: number | undefined;
  readonly session?: string | undefined;
  readonly limit: number;
}
export interface TailGiven {
  /** The newest, in the order they were recorded; as JSON already, so that the thread that serves has no work with them. */
  readonly calls: readonly { readonly id: string; readonly json: string }[];
  /** Calls between `behind` and these that the limit left out. */
  readonly skipped: number;
  /** Where to go on. */
  readonly through: number;
}

/** Calls recorded behind a sequence: who follows a busy gateway sees the newest, and how many passed meanwhile. */
export function callsBehind(database: DatabaseSync, { behind, session, limit }: TailAsked): TailGiven {
  const last = Number(database.prepare('SELECT max(sequence) AS last FROM call').get()!['last'] ?? 0);
  if (behind === undefined || last <= behind) return { calls: [], skipped: 0, through: behind ?? last };
  const stretch = { sql: 'c.sequence > ? AND c.sequence <= ?', values: [behind, last] };
  const where = session === undefined ? stretch : joined([stretch, { sql: 'c.session = ?', values: [session] }]);
  const sequences = sequencesOf(database, where, 'DESC', limit).toReversed();
  const skipped = sequences.length < limit ? 0 : countOf(database, where) - limit;
  const calls = storedCalls(database, sequences).map((call) => ({ id: call.record.id, json: JSON.stringify(shownCall(call)) }));
  return { calls, skipped, through: last };
}

const countOf = (database: DatabaseSync, { sql, values }: Condition): number =>
  Number(database.prepare(`SELECT count(*) AS calls FROM call c WHERE ${sql}`).get(...(values as SQLInputValue[]))!['calls']);

function sequencesOf(database: DatabaseSync, where: Condition, direction: 'ASC' | 'DESC', limit: number): number[] {
  const rows = database
    .prepare(`SELECT c.sequence AS sequence FROM ${callTables} WHERE ${where.sql} ORDER BY c.sequence ${direction} LIMIT ?`)
    .all(...(where.values as SQLInputValue[]), limit);
  return rows.map((row) => Number(row['sequence']));
}

function sequenceOf(database: DatabaseSync, id: string): number {
  const row = database.prepare('SELECT sequence FROM call WHERE id = ?').get(idValue(id));
  if (!row) throw new RangeError(`before: there is no call ${id}`);
  return Number(row['sequence']);
}

function wordsOf(search: string): readonly string[] {
  const words = search.split(/\s+/).filter((word) => word !== '');
  if (words.length > callsLimits.words) throw new RangeError(`search: holds ${words.length} words; at most ${callsLimits.words}`);
  return words;
}

const rowColumns = ['user', 'session', 'task', 'key', 'tags', 'signals'];
const labelColumns = ['model', 'request_model', 'provider', 'app', 'feature', 'team', 'client', 'outcome', 'error_code', 'api'];

function wordCondition(word: string): Condition {
  const pattern = `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const like = (column: string): string => String.raw`${column} LIKE ? ESCAPE '\'`;
  const labelled = `c.dimension IN (SELECT id FROM dimension WHERE ${labelColumns.map(like).join(' OR ')})`;
  const tests = ['c.id = ?', ...rowColumns.map((column) => like(`c.${column}`)), labelled];
  return {
    sql: `(${tests.join(' OR ')})`,
    values: [idValue(word), ...[...rowColumns, ...labelColumns].map(() => pattern)],
  };
}
