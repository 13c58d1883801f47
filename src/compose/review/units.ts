import type { DatabaseSync } from 'node:sqlite';
import { callTables, expressionOf } from '../../ledger/query/sums-sql.ts';
import type { Month } from './month.ts';

/** What the calls of one task, session or, without either, one call came to. */
export interface UnitSums {
  readonly calls: number;
  /** Nano-USD of the calls whose cost is known. */
  readonly cost: number;
  readonly priced: number;
  readonly failed: number;
  readonly durationMs: number;
  readonly scored: number;
  readonly score: number;
}

/** Units of one app and month that are looked at. */
export const maxUnits = 20_000;

/** Tasks and sessions of an app in a month, in an order that has nothing to do with what they cost. `app` null: calls without one. */
export function unitsOf(database: DatabaseSync, app: string | null, { from, to }: Pick<Month, 'from' | 'to'>): readonly UnitSums[] {
  const sum = (name: Parameters<typeof expressionOf>[0]): string => `sum(${expressionOf(name)})`;
  const rows = database
    .prepare(
      `SELECT coalesce('task ' || c.task, 'session ' || c.session, hex(c.id)) AS unit, count(*) AS calls, ${sum('cost')} AS cost, ${sum('priced')} AS priced,
${sum('failures')} AS failed, ${sum('durationUs')} AS duration, ${sum('scored')} AS scored, ${sum('scoreMicro')} AS score
FROM ${callTables} WHERE c.at >= ? AND c.at < ? AND d.app IS ? AND d.operation <> 'count_tokens' GROUP BY unit ORDER BY substr(unit, -4), unit LIMIT ${maxUnits}`,
    )
    .all(from, to, app);
  return rows.map((row) => ({
    calls: Number(row['calls']),
    cost: Number(row['cost']),
    priced: Number(row['priced']),
    failed: Number(row['failed']),
    durationMs: Number(row['duration']) / 1000,
    scored: Number(row['scored']),
    score: Number(row['score']) / 1e6,
  }));
}
