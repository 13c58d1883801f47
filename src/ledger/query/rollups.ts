import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { addHistogramText, histogramText } from '../../analytics/histogram.ts';
import { additiveSums } from '../../analytics/sums.ts';
import { promptParts } from '../../core/record.ts';
import { transaction } from '../database.ts';
import { callTables, columnOf, expressionOf, sumColumns } from './sums-sql.ts';
import { kinds, personSums } from './kinds.ts';
import { cellValues, daysOf, Tally, type FoldedCall, type Labelled, type PersonRow, type TalliedRow } from './tally.ts';

/**
 * Rows folded in one transaction: some 100 to 200 ms of work. Fewer wait: each fold writes a few hundred rows, whatever it folds, and
 * queries read so many rows in less time than they take for anything else.
 */
export const foldRows = 16_384;
/** Dimensions whose labels are remembered; beyond it the memory starts anew. */
const maxKnownDimensions = 20_000;

const plainSums = additiveSums.filter((sum) => !sum.startsWith('part.'));
const callSql = `SELECT c.at, c.dimension, c.user, c.key, c.task, c.session, c.duration_us, c.first_byte_us, c.parts,
${plainSums.map(expressionOf).join(',\n')}
FROM ${callTables} WHERE d.operation <> 'count_tokens' AND`;
const sumsBeginAt = 9;

const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
const added = (columns: readonly string[]): string => columns.map((column) => `${column} = ${column} + excluded.${column}`).join(', ');
const personSql = `INSERT INTO person_day VALUES (${marks(personSums.length + 3)}) ON CONFLICT DO UPDATE SET ${added(personSums.map(columnOf))}`;
const upsertSql = (table: string): string => `INSERT INTO ${table} VALUES (${marks(sumColumns.length + 6)}) ON CONFLICT DO UPDATE SET
${added(sumColumns)},
latency = merged_histogram(latency, excluded.latency), first_byte = merged_histogram(first_byte, excluded.first_byte)`;

/** How far the rollups reach: calls up to this sequence are in them. */
export const rolledThrough = (database: DatabaseSync): number =>
  Number(database.prepare('SELECT through_sequence FROM rollup_state').get()!['through_sequence']);

/** Calls that are in no rollup yet, as far as sequences tell. */
export const unrolled = (database: DatabaseSync): number =>
  Number(database.prepare('SELECT coalesce(max(sequence), 0) AS last FROM call').get()!['last']) - rolledThrough(database);

/**
 * Keeps the rollups of one connection that writes. They may lag behind `call` as far as they like: queries add what they lack from the
 * rows. They never hold what is not there: whoever changes or deletes rows does it inside `changing`.
 */
export class Rollups {
  readonly #database: DatabaseSync;
  readonly #fold: StatementSync;
  readonly #add: Readonly<Record<Table, StatementSync>>;
  readonly #drop: Readonly<Record<Table, StatementSync>>;
  readonly #addPerson: StatementSync;
  readonly #dropPerson: StatementSync;
  readonly #see: StatementSync;
  readonly #unsee: StatementSync;
  readonly #labels: StatementSync;
  readonly #known = new Map<number, Labelled>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.function('merged_histogram', { deterministic: true }, mergedText);
    this.#fold = asLists(database.prepare(`${callSql} c.sequence > ? AND c.sequence <= ?`));
    this.#add = { rollup_hour: database.prepare(upsertSql('rollup_hour')), rollup_day: database.prepare(upsertSql('rollup_day')) };
    const drop = (table: Table) =>
      database.prepare(`DELETE FROM ${table} WHERE kind = ? AND at = ? AND value = ? AND model = ? AND calls = 0`);
    this.#drop = { rollup_hour: drop('rollup_hour'), rollup_day: drop('rollup_day') };
    this.#addPerson = database.prepare(personSql);
    this.#dropPerson = database.prepare('DELETE FROM person_day WHERE kind = ? AND day = ? AND value = ? AND calls = 0');
    this.#see = database.prepare('INSERT INTO seen_day VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET calls = calls + excluded.calls');
    this.#unsee = database.prepare('DELETE FROM seen_day WHERE kind = ? AND day = ? AND value = ? AND calls = 0');
    this.#labels = database.prepare(
      `SELECT model, ${[...kinds.values()].map(({ column }) => column).join(', ')} FROM dimension WHERE id = ?`,
    );
  }

  /** Takes in all rows there are. */
  catchUp(maxRows = 2 * foldRows): void {
    while (this.step(maxRows, 1));
  }

  /** One transaction, if at least `leastRows` wait. Returns whether there may be more. */
  step(maxRows = foldRows, leastRows = maxRows): boolean {
    if (unrolled(this.#database) < leastRows) return false;
    return transaction(this.#database, () => {
      const through = rolledThrough(this.#database);
      const last = this.#lastOf(through, maxRows);
      if (last === through) return false;
      const tally = new Tally();
      this.#tallyRows(tally, this.#fold.iterate(through, last), 1);
      this.#write(tally);
      this.#database.prepare('UPDATE rollup_state SET through_sequence = ?').run(last);
      return true;
    });
  }

  /** Runs `change`, which changes or deletes the rows of a condition on `c`, inside a transaction. */
  changing<T>(condition: string, values: readonly SQLInputValue[], change: () => T): T {
    const through = rolledThrough(this.#database);
    const rows = asLists(this.#database.prepare(`${callSql} c.sequence <= ? AND ${condition}`));
    const tally = new Tally();
    this.#tallyRows(tally, rows.iterate(through, ...values), -1);
    const result = change();
    this.#tallyRows(tally, rows.iterate(through, ...values), 1);
    this.#write(tally);
    return result;
  }

  #lastOf(through: number, maxRows: number): number {
    const sql = 'SELECT max(sequence) AS last FROM (SELECT sequence FROM call WHERE sequence > ? ORDER BY sequence LIMIT ?)';
    return Number(this.#database.prepare(sql).get(through, maxRows)!['last'] ?? through);
  }

  #tallyRows(tally: Tally, rows: Iterable<unknown>, sign: 1 | -1): void {
    for (const row of rows) tally.add(foldedCall(row as readonly (number | string | null)[]), sign);
  }

  #write(tally: Tally): void {
    const hours = tally.hours((dimension) => this.#labelsOf(dimension));
    this.#writeRows('rollup_hour', hours);
    this.#writeRows('rollup_day', daysOf(hours));
    this.#writePersons(tally.persons());
    for (const { kind, day, value, calls } of tally.seen()) {
      if (calls === 0) continue;
      this.#see.run(kind, day, value, calls);
      if (calls < 0) this.#unsee.run(kind, day, value);
    }
  }

  #writeRows(table: Table, rows: Iterable<TalliedRow>): void {
    for (const { kind, at, value, model, cell } of rows) {
      if (cell.sums.every((sum) => sum === 0) && cell.latency.size === 0) continue;
      this.#add[table].run(kind, at, value, model, ...cellValues(cell));
      if (cell.sums[0]! < 0) this.#drop[table].run(kind, at, value, model);
    }
  }

  #writePersons(rows: Iterable<PersonRow>): void {
    for (const { kind, day, value, sums } of rows) {
      if (sums.every((sum) => sum === 0)) continue;
      this.#addPerson.run(kind, day, value, ...sums);
      if (sums[0]! < 0) this.#dropPerson.run(kind, day, value);
    }
  }

  #labelsOf(dimension: number): Labelled {
    const known = this.#known.get(dimension);
    if (known) return known;
    const row = this.#labels.get(dimension)!;
    const labels = { ...(row as Record<string, string | null>), stream: row['stream'] ? 'true' : 'false' };
    if (this.#known.size >= maxKnownDimensions) this.#known.clear();
    this.#known.set(dimension, labels);
    return labels;
  }
}

type Table = 'rollup_hour' | 'rollup_day';

/** Lists cost half of what objects with names do. */
function asLists(statement: StatementSync): StatementSync {
  statement.setReturnArrays(true);
  return statement;
}

/** One list for all calls: nobody keeps it. */
const sums = new Float64Array(additiveSums.length);

function foldedCall(row: readonly (number | string | null)[]): FoldedCall {
  for (let at = 0; at < plainSums.length; at++) sums[at] = row[sumsBeginAt + at] as number;
  const parts = row[8] === null ? noParts : (JSON.parse(row[8] as string) as number[]);
  for (let at = 0; at < parts.length; at++) sums[plainSums.length + at] = parts[at]!;
  return {
    at: row[0] as number,
    dimension: row[1] as number,
    user: row[2] as string | null,
    key: row[3] as string | null,
    task: row[4] as string | null,
    session: row[5] as string | null,
    durationUs: row[6] as number,
    firstByteUs: row[7] as number | null,
    sums,
  };
}
const noParts = promptParts.map(() => 0);

function mergedText(left: SQLOutputValue, right: SQLOutputValue): string {
  if (left === '' || right === '') return String(left || right);
  const histogram = new Map<number, number>();
  addHistogramText(histogram, String(left));
  addHistogramText(histogram, String(right));
  return histogramText(histogram);
}
