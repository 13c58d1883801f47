import type { ClickHouse } from './client.ts';
import { literal } from './condition.ts';
import { callTable, onCluster } from './schema.ts';

/** Deletes all rows of a user's calls up to a time, those of the rollups too. Resolves when they are gone from all replicas. */
export async function eraseUser(clickhouse: ClickHouse, user: string, throughMs: number): Promise<void> {
  await clickhouse.run(
    `ALTER TABLE ${callTable(clickhouse.database)}${onCluster(clickhouse.cluster)}
DELETE WHERE user = ${literal(user)} AND at <= fromUnixTimestamp64Milli(${throughMs}, 'UTC')`,
    { mutations_sync: '2' },
  );
}

const monthMs = (partition: string, months: number): number =>
  Date.UTC(Number(partition.slice(0, 4)), Number(partition.slice(4)) - 1 + months);

/** Drops the months that ended before a time, rows and rollups at once; returns how many. Nothing is rewritten for it. */
export async function dropMonths(clickhouse: ClickHouse, beforeMs: number): Promise<number> {
  const rows = await clickhouse.rows(
    `SELECT DISTINCT partition FROM system.parts WHERE database = ${literal(clickhouse.database)} AND table = 'call' AND active`,
  );
  const old = rows.map(([partition]) => String(partition)).filter((partition) => monthMs(partition, 1) <= beforeMs);
  for (const partition of old)
    await clickhouse.run(`ALTER TABLE ${callTable(clickhouse.database)}${onCluster(clickhouse.cluster)} DROP PARTITION ${partition}`);
  return old.length;
}
