import { createQueryEngine, maxGroups, tooManyGroups, type Group, type SumsRequest, type SumsSource } from '../../analytics/engine.ts';
import type { QueryEngine } from '../../analytics/query.ts';
import { distinctSums, histogramSums, isAdditive, type AdditiveSum, type DistinctSum, type HistogramSum } from '../../analytics/sums.ts';
import { Groups, type Cellular } from '../query/groups.ts';
import { columnOf } from '../query/sums-sql.ts';
import { bigintOf, type Cell, type ClickHouse } from './client.ts';
import { callCondition, dimensionSql } from './condition.ts';
import { callTable } from './schema.ts';
import { bucketSql, stretchCondition, stretchesOf, type Stretch } from './stretches.ts';

/** Answers from ClickHouse. The connection stays the caller's. */
export const clickHouseEngine = (clickhouse: ClickHouse, now?: () => number): QueryEngine =>
  createQueryEngine(clickHouseSource(clickhouse), now);

/** Sums of the table `call`; whole hours and days from its rollups, where the server finds one. */
export const clickHouseSource = (clickhouse: ClickHouse): SumsSource => ({
  groups: (request) => groupsOf(clickhouse, request),
  firstAt: async () => {
    const [row] = await clickhouse.rows(`SELECT count() > 0, toUnixTimestamp64Milli(min(at)) FROM ${callTable(clickhouse.database)}`);
    return Number(row![0]) === 1 ? Number(row![1]) : undefined;
  },
  close: async () => {},
});

/** The statements of a question run side by side; each sees what is there when it begins. */
async function groupsOf(clickhouse: ClickHouse, request: SumsRequest): Promise<readonly Group[]> {
  const table = callTable(clickhouse.database);
  const groups = new Groups(request.bucket !== undefined);
  const additive = [...new Set<AdditiveSum>(['calls', ...[...request.needs].filter(isAdditive)])];
  const histograms = histogramSums.filter((sum) => request.needs.has(sum));
  const distinct = distinctSums.filter((sum) => request.needs.has(sum));
  const [sums, times, seen] = await Promise.all([
    clickhouse.rows(sumsSql(table, request, additive)),
    Promise.all(histograms.map((sum) => clickhouse.rows(histogramSql(table, request, sum)))),
    Promise.all(distinct.map((sum) => clickhouse.rows(distinctSql(table, request, sum)))),
  ]);
  const fronts = frontLength(request);
  for (const row of counted(sums)) groups.addRow(withWholeNumbers(row, fronts), [], { additive, histograms: [], areTexts: true });
  for (const [place, rows] of times.entries())
    for (const row of counted(rows))
      groups.addRow(row as Cellular[], [], { additive: [], histograms: [histograms[place]!], areTexts: true });
  for (const [place, rows] of seen.entries())
    for (const row of counted(rows)) groups.setDistinct(withWholeNumbers(row, fronts), distinct[place]!);
  return groups.list();
}

const frontLength = ({ bucket, dimensions }: SumsRequest): number => dimensions.length + (bucket === undefined ? 0 : 1);

/** Sums as bigint, so that none loses a digit. */
const withWholeNumbers = (row: readonly Cell[], from: number): Cellular[] =>
  row.map((cell, place) => (place < from ? (cell as Cellular) : bigintOf(cell)));

function counted<T>(rows: readonly T[]): readonly T[] {
  if (rows.length > maxGroups) throw tooManyGroups();
  return rows;
}

/** Names of the bucket and the keys in every statement. */
const frontNames = ({ bucket, dimensions }: SumsRequest): readonly string[] => [
  ...(bucket === undefined ? [] : ['t']),
  ...dimensions.map((_, place) => `k${place}`),
];

/** The bucket and the keys as columns of a statement over one stretch. */
const frontSql = (request: SumsRequest, { by }: Stretch): readonly string[] => [
  ...(request.bucket === undefined ? [] : [`${bucketSql(request, by)} AS t`]),
  ...request.dimensions.map((dimension, place) => `${dimensionSql(dimension)} AS k${place}`),
];

const groupBy = (names: readonly string[]): string => (names.length === 0 ? '' : ` GROUP BY ${names.join(', ')}`);
const limit = ` LIMIT ${maxGroups + 1}`;

interface Branch {
  readonly columns: readonly string[];
  readonly by?: readonly string[];
  readonly where?: string;
}

/** One statement over all stretches of the span. */
function branches(table: string, request: SumsRequest, stretches: readonly Stretch[], { columns, by = [], where }: Branch): string {
  const filters = callCondition(request.filters);
  return stretches
    .map((stretch) => {
      const selected = [...frontSql(request, stretch), ...columns].join(', ');
      const conditions = [stretchCondition(stretch), filters, ...(where === undefined ? [] : [where])].join(' AND ');
      return `SELECT ${selected} FROM ${table} WHERE ${conditions}${groupBy([...frontNames(request), ...by])}`;
    })
    .join(' UNION ALL ');
}

const sumsSql = (table: string, request: SumsRequest, sums: readonly AdditiveSum[]): string =>
  `SELECT * FROM (${branches(table, request, stretchesOf(request, 'sums'), { columns: sums.map((sum) => `sum(${columnOf(sum)})`) })})${limit}`;

const bucketColumns: Readonly<Record<HistogramSum, string>> = { latency: 'latency_bucket', firstByte: 'first_byte_bucket' };

/** How often each bucket occurred, as the text of a histogram. */
function histogramSql(table: string, request: SumsRequest, sum: HistogramSum): string {
  const names = frontNames(request);
  const column = bucketColumns[sum];
  const counts = branches(table, request, stretchesOf(request, 'times'), {
    columns: [`${column} AS b`, 'sum(calls) AS n'],
    by: ['b'],
    ...(sum === 'firstByte' && { where: `isNotNull(${column})` }),
  });
  const text = `arrayStringConcat(groupArray(concat(toString(b), ':', toString(n))), ' ')`;
  return `SELECT ${[...names, text].join(', ')} FROM (${counts}) WHERE n > 0${groupBy(names)}${limit}`;
}

const seenColumns: Readonly<Record<DistinctSum, string>> = { users: 'user', tasks: 'task', sessions: 'session' };

/** Each value once in each stretch, where a rollup by the day can give it; then counted over all. Exact. */
function distinctSql(table: string, request: SumsRequest, sum: DistinctSum): string {
  const names = frontNames(request);
  const column = seenColumns[sum];
  const stretches = sum === 'users' ? stretchesOf(request, 'users') : [{ by: 'at', from: request.from, to: request.to } as const];
  const values = branches(table, request, stretches, { columns: [`${column} AS v`], by: ['v'], where: `isNotNull(${column})` });
  return `SELECT ${[...names, 'uniqExact(v)'].join(', ')} FROM (${values})${groupBy(names)}${limit}`;
}
