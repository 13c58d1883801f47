import { additiveSums, type AdditiveSum } from '../../analytics/sums.ts';
import { columnOf } from '../query/sums-sql.ts';
import { kinds, personSums } from '../query/kinds.ts';
import { quoted, type ClickHouse } from './client.ts';
import { derived, written } from './columns.ts';

/** Labels of few values: what the rollup by the hour keeps apart, the model among them. */
export const hourLabels: readonly string[] = ['model', ...[...kinds.values()].map(({ column }) => column)];

/** Labels by which distributions of times are kept, by the hour and by the day: each is many rows. Of others the rows tell them. */
export const timedLabels = { hour: ['model', 'operation'], day: ['model', 'operation', 'app', 'provider'] } as const;

/** Sums of users and keys by the day. */
export const personDaySums: readonly AdditiveSum[] = [...personSums, 'userCost'];

interface Rollup {
  readonly name: string;
  readonly by: readonly string[];
  readonly sums: readonly string[];
}

/**
 * Rollups are projections: the server keeps them in each part beside its rows, so they are exact whatever is inserted, merged, deleted or
 * dropped, with several gateways too, and it chooses them by itself where they answer a question. Left out are those that would not pay:
 * tasks and sessions have nearly as many values as there are calls.
 */
const rollups: readonly Rollup[] = [
  { name: 'by_hour', by: ['hour', ...hourLabels], sums: additiveSums.map(columnOf) },
  ...(['hour', 'day'] as const).flatMap((unit) =>
    (['latency', 'first_byte'] as const).map((time) => ({
      name: `${time}_by_${unit}`,
      by: [unit, ...timedLabels[unit], `${time}_bucket`],
      sums: ['calls'],
    })),
  ),
  { name: 'user_by_day', by: ['day', 'user', 'operation'], sums: personDaySums.map(columnOf) },
  { name: 'key_by_day', by: ['day', 'key', 'operation'], sums: personDaySums.map(columnOf) },
];

const rollupSql = ({ name, by, sums }: Rollup): string =>
  `PROJECTION ${name} (SELECT ${[...by, ...sums.map((sum) => `sum(${sum})`)].join(', ')} GROUP BY ${by.join(', ')})`;

/** One look at a thousand calls decides whether an id, or one of many values, is among them. */
const indexSql = ['id', 'user', 'session', 'task'].map((name) => `INDEX has_${name} ${name} TYPE bloom_filter(0.01) GRANULARITY 4`);

/** Batches remembered, so that one that is sent again within this many, and a week, counts once. */
const windowBatches = 10_000;
const windowSeconds = 7 * 24 * 3600;

function engineOf(cluster: string | undefined): string {
  if (cluster === undefined) return 'MergeTree';
  return `ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')`;
}

function settingsOf(cluster: string | undefined): string {
  const window =
    cluster === undefined
      ? `non_replicated_deduplication_window = ${windowBatches}`
      : `replicated_deduplication_window = ${windowBatches}, replicated_deduplication_window_seconds = ${windowSeconds}`;
  return `allow_nullable_key = 1, ${window}`;
}

export const onCluster = (cluster: string | undefined): string => (cluster === undefined ? '' : ` ON CLUSTER ${quoted(cluster)}`);
export const callTable = (database: string): string => `${quoted(database)}.call`;

/**
 * The statements that make the tables, each harmless to repeat. `call` holds one row for each call (`calls` = 1), and one for each
 * correction of it (`calls` = 0): a score, another price. Sums over both are right without looking for the newest row of each call.
 * Money is in nano-USD; a cost that is not known is null.
 */
export const schemaSql = ({ database, cluster }: Pick<ClickHouse, 'database' | 'cluster'>): readonly string[] => [
  `CREATE DATABASE IF NOT EXISTS ${quoted(database)}${onCluster(cluster)}`,
  `CREATE TABLE IF NOT EXISTS ${callTable(database)}${onCluster(cluster)} (
${[
  ...written.map(({ name, type }) => `${name} ${type}`),
  ...derived.map(({ name, type, from }) => {
    const [plain, codec] = type.split(' CODEC');
    return `${name} ${plain} MATERIALIZED ${from}${codec === undefined ? '' : ` CODEC${codec}`}`;
  }),
  ...indexSql,
  ...rollups.map(rollupSql),
].join(',\n')}
) ENGINE = ${engineOf(cluster)}
PARTITION BY toYYYYMM(at) ORDER BY (hour, at) SETTINGS ${settingsOf(cluster)}`,
];

/** Makes what is not there yet. */
export async function makeTables(clickhouse: ClickHouse): Promise<void> {
  for (const sql of schemaSql(clickhouse)) await clickhouse.run(sql);
}
