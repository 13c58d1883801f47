import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { bucketStart, dayMs, evenBuckets, isCalendar } from '../../analytics/calendar.ts';
import { maxGroups, tooManyGroups, type Group, type SumsRequest, type SumsSource } from '../../analytics/engine.ts';
import type { Dimension } from '../../analytics/query.ts';
import { distinctSums, isAdditive, isHistogram, type AdditiveSum, type DistinctSum, type HistogramSum } from '../../analytics/sums.ts';
import type { Condition } from '../keys.ts';
import { callCondition, dimensionSql, joined, stretchCondition, valueCondition, type Stretch } from './condition.ts';
import { Groups, type Cellular } from './groups.ts';
import { encodedValue } from './kinds.ts';
import { canUseSeen, planOf, seenPlan, type Plan, type RolledStretch } from './plan.ts';
import { rolledThrough } from './rollups.ts';
import { callTables, columnOf, expressionOf } from './sums-sql.ts';

export interface SqliteSourceOptions {
  /** False reads rows only; the answers are the same. */
  readonly useRollups?: boolean;
}

/** Sums of the ledger's tables: from rollups as far as they reach and fit, the rest from rows. The database stays the caller's. */
export function sqliteSource(database: DatabaseSync, { useRollups = true }: SqliteSourceOptions = {}): SumsSource {
  return {
    groups: async (request) => groupsOf(new Reading(database, request), useRollups),
    firstAt: async () => {
      const row = database.prepare('SELECT min(min_at) AS at FROM block').get();
      return row?.['at'] == null ? undefined : Number(row['at']);
    },
    close: async () => {},
  };
}

/** One snapshot for all statements of a question: the ledger goes on meanwhile. */
function groupsOf(reading: Reading, useRollups: boolean): readonly Group[] {
  const { database, request } = reading;
  database.exec('BEGIN');
  try {
    const through = useRollups ? rolledThrough(database) : 0;
    const unrolled: Plan = { label: undefined, rolled: [], rows: [request] };
    const plan = useRollups ? planOf(request, through) : unrolled;
    reading.readSums(plan);
    const seenOf = (sum: DistinctSum): Plan => (useRollups && canUseSeen(request) ? seenPlan(request, sum, through) : unrolled);
    for (const sum of distinctSums) if (request.needs.has(sum)) reading.readDistinct(sum, seenOf(sum));
    return reading.groups.list();
  } finally {
    database.exec('COMMIT');
  }
}

const seenColumns: Readonly<Record<DistinctSum, 'user' | 'task' | 'session'>> = { users: 'user', tasks: 'task', sessions: 'session' };
const histogramColumns: Readonly<Record<HistogramSum, { readonly row: string; readonly rollup: string }>> = {
  latency: { row: 'c.duration_us', rollup: 'latency' },
  firstByte: { row: 'c.first_byte_us', rollup: 'first_byte' },
};

/** One question being answered. */
class Reading {
  readonly database: DatabaseSync;
  readonly request: SumsRequest;
  readonly groups: Groups;
  readonly #additive: readonly AdditiveSum[];
  readonly #histograms: readonly HistogramSum[];

  constructor(database: DatabaseSync, request: SumsRequest) {
    this.database = database;
    this.request = request;
    this.groups = new Groups(request.bucket !== undefined);
    const needs = [...request.needs];
    this.#additive = [...new Set<AdditiveSum>(['calls', ...needs.filter(isAdditive)])];
    this.#histograms = needs.filter(isHistogram);
    if (request.bucket && isCalendar(request.bucket, request.timeZone)) {
      const startOf = bucketStart(request.bucket, request.timeZone);
      database.function('bucket_start', { deterministic: true }, (at) => startOf(Number(at)));
    }
  }

  readSums(plan: Plan): void {
    for (const stretch of plan.rolled) this.#readRollup(plan, stretch);
    for (const stretch of plan.rows) this.#readRows(stretch);
  }

  #readRollup({ label }: Plan, { table, kind, from, to }: RolledStretch): void {
    const { dimensions, filters } = this.request;
    const sqlOf = (dimension: Dimension): string => (dimension === 'model' ? 'r.model' : 'r.value');
    const conditions = filters.map((filter) =>
      filter.dimension === 'model'
        ? valueCondition('r.model', filter)
        : valueCondition('r.value', { ...filter, values: filter.values.map(encodedValue) }),
    );
    const at = table === 'person_day' ? 'r.day' : 'r.at';
    const where = joined([{ sql: `r.kind = ? AND ${at} >= ? AND ${at} < ?`, values: [kind, from, to] }, ...conditions]);
    const columns = [
      ...this.#additive.map((sum) => `sum(r.${columnOf(sum)})`),
      ...this.#histograms.map((name) => `group_concat(r.${histogramColumns[name].rollup}, ' ')`),
    ];
    const decoded = dimensions.map((dimension) => dimension === label);
    for (const row of this.#grouped(at, dimensions.map(sqlOf), columns, `${table} r`, where))
      this.groups.addRow(row, decoded, { additive: this.#additive, histograms: this.#histograms, areTexts: true });
  }

  #readRows(stretch: Stretch): void {
    const { dimensions } = this.request;
    const columns = [
      ...this.#additive.map((sum) => `sum(${expressionOf(sum)})`),
      ...this.#histograms.map((name) => `group_concat(${histogramColumns[name].row}, ' ')`),
    ];
    const where = this.#rowCondition(stretch);
    if (!where) return;
    for (const row of this.#grouped('c.at', dimensions.map(dimensionSql), columns, this.#tables(), where))
      this.groups.addRow(row, [], { additive: this.#additive, histograms: this.#histograms, areTexts: false });
  }

  /** Different values cannot be added up: rollup and rows are read in one statement, but for whole days that no row speaks of any more. */
  readDistinct(sum: DistinctSum, plan: Plan): void {
    const pure = this.#pureDays(plan);
    if (!pure) return this.#readMixed(sum, plan);
    for (const row of this.#grouped('at', [], ['count(*)'], ...selected(seenSelect(pure)), 'at')) this.groups.setDistinct(row, sum);
    const [days, ...edges] = plan.rolled as [RolledStretch, ...RolledStretch[]];
    this.#readMixed(sum, { ...plan, rolled: [...(pure.to < days.to ? [{ ...days, from: pure.to }] : []), ...edges] });
  }

  /** Of an answer by the day: the days whose calls are all in rollups. */
  #pureDays({ rolled: [days], rows }: Plan): RolledStretch | undefined {
    const { bucket, timeZone } = this.request;
    if (days?.unitMs !== dayMs || bucket !== 'day' || timeZone !== 'UTC') return undefined;
    const behind = rows.find((stretch) => stretch.behind !== undefined);
    const where = behind && stretchCondition(this.database, behind);
    const first = where && this.database.prepare(`SELECT min(c.at) AS at FROM call c WHERE ${where.sql}`).get(...where.values)!['at'];
    const to = first == null ? days.to : Math.min(days.to, Math.floor(Number(first) / dayMs) * dayMs);
    return to > days.from ? { ...days, to } : undefined;
  }

  #readMixed(sum: DistinctSum, { rolled, rows }: Plan): void {
    const column = seenColumns[sum];
    const { dimensions } = this.request;
    const names = dimensions.map((_, index) => `k${index}`);
    const keys = dimensions.map((dimension, index) => `, ${dimensionSql(dimension)} AS k${index}`).join('');
    const fromRows = rows.flatMap((stretch): readonly Condition[] => {
      const where = this.#rowCondition(stretch);
      if (!where) return [];
      return [
        {
          sql: `SELECT c.at AS at, c.${column} AS value${keys} FROM ${this.#tables()} WHERE ${where.sql} AND c.${column} IS NOT NULL`,
          values: where.values,
        },
      ];
    });
    const all = [...rolled.map(seenSelect), ...fromRows];
    if (all.length === 0) return;
    const union = { sql: all.map(({ sql }) => sql).join(' UNION ALL '), values: all.flatMap(({ values }) => values) };
    for (const row of this.#grouped('at', names, ['count(DISTINCT value)'], ...selected(union))) this.groups.setDistinct(row, sum);
  }

  #tables(): string {
    return this.request.dimensions.includes('signal') ? `${callTables} LEFT JOIN json_each(c.signals) AS signal` : callTables;
  }

  #rowCondition(stretch: Stretch): Condition | undefined {
    const rows = stretchCondition(this.database, stretch);
    return rows && joined([callCondition(this.request.filters), rows]);
  }

  /**
   * Rows as lists: the bucket if there is one, the keys, the columns. Integers as bigint, so that no sum loses a digit. `start`: of the
   * bucket, where a column has it: such rows are in its order already.
   */
  #grouped(
    at: string,
    keys: readonly string[],
    columns: readonly string[],
    from: string,
    where: Condition,
    start?: string,
  ): Iterable<Cellular[]> {
    const { bucket } = this.request;
    const groupKeys = [...(bucket === undefined ? [] : [start ?? this.#bucketSql(at)]), ...keys];
    const by = groupKeys.length === 0 ? '' : `GROUP BY ${groupKeys.map((_, index) => index + 1).join(', ')}`;
    const statement = this.database.prepare(
      `SELECT ${[...groupKeys, ...columns].join(', ')} FROM ${from} WHERE ${where.sql} ${by} LIMIT ${maxGroups + 1}`,
    );
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return counted(statement.iterate(...(where.values as SQLInputValue[])) as Iterable<unknown>);
  }

  #bucketSql(at: string): string {
    const { bucket, timeZone } = this.request;
    if (isCalendar(bucket!, timeZone)) return `CAST(bucket_start(${at}) AS INTEGER)`;
    const { lengthMs, originMs } = evenBuckets[bucket as keyof typeof evenBuckets];
    return originMs === 0 ? `${at} - ${at} % ${lengthMs}` : `${at} - (${at} - ${originMs} + ${lengthMs}) % ${lengthMs}`;
  }
}

function* counted(rows: Iterable<unknown>): Iterable<Cellular[]> {
  let count = 0;
  for (const row of rows) {
    if (++count > maxGroups) throw tooManyGroups();
    yield row as Cellular[];
  }
}

/** A statement as a table to select from. */
const selected = ({ sql, values }: Condition): readonly [from: string, where: Condition] => [`(${sql})`, { sql: 'TRUE', values }];

/** Each value once for each unit of time it was seen in. */
const seenSelect = ({ table, kind, from, to }: RolledStretch): Condition =>
  table === 'person_day'
    ? {
        sql: `SELECT day AS at, substr(value, 2) AS value FROM person_day WHERE kind = ? AND day >= ? AND day < ? AND value <> ''`,
        values: [kind, from, to],
      }
    : { sql: 'SELECT day AS at, value FROM seen_day WHERE kind = ? AND day >= ? AND day < ?', values: [kind, from, to] };
