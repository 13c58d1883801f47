import type { DatabaseSync } from 'node:sqlite';
import type { CallRecord, Cost } from '../core/record.ts';
import { eachCall } from './calls.ts';
import { transaction } from './database.ts';
import { usd } from './money.ts';
import { Rollups } from './query/rollups.ts';
import { withLedger } from './report.ts';
import { costValues } from './row.ts';

export interface RepriceRequest {
  /** Epoch ms, included; and not included. */
  readonly since?: number;
  readonly until?: number;
  /** As the replies named it. */
  readonly model?: string;
  /** The cost by the prices of today. */
  readonly price: (record: CallRecord) => Cost;
  /** Reckon, but store nothing. */
  readonly dryRun?: boolean;
}
export interface Repricing {
  /** Number of this repricing, which its rows carry; absent in a dry run. */
  readonly id?: number;
  readonly calls: number;
  /** Calls whose cost is another one than before. */
  readonly changed: number;
  /** Exact decimals: sums of the known costs, by what counted before and by what counts now. */
  readonly beforeUsd: string;
  readonly afterUsd: string;
  readonly differenceUsd: string;
  /** Calls without a known cost. */
  readonly unpricedBefore: number;
  readonly unpricedAfter: number;
  readonly priceVersions: readonly string[];
}

/**
 * Prices calls anew. The first cost of a call stays in its row and in its record; the new one stands beside it, with the number of this
 * repricing, and is what reports sum. All or nothing: one transaction.
 */
export const reprice = (dir: string, request: RepriceRequest): Repricing =>
  withLedger(dir, (database) => (request.dryRun ? priceAll(database, request) : transaction(database, () => storeAll(database, request))));

const setCost = `
UPDATE call SET repricing = ?, repriced_cost = ?, repriced_input_cost = ?, repriced_cache_read_cost = ?, repriced_cache_write_cost = ?,
  repriced_output_cost = ?, repriced_reasoning_cost = ? WHERE sequence = ?`;

function storeAll(database: DatabaseSync, request: RepriceRequest): Repricing {
  const row = database.prepare('SELECT coalesce(max(id), 0) + 1 AS id FROM repricing').get()!;
  const id = Number(row['id']);
  const set = database.prepare(setCost);
  const { since = 0, until = Number.MAX_SAFE_INTEGER } = request;
  const result = new Rollups(database).changing('c.at >= ? AND c.at < ?', [since, until], () =>
    priceAll(database, request, (sequence, cost) => set.run(id, ...costValues(cost), sequence)),
  );
  database
    .prepare('INSERT INTO repricing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      id,
      Date.now(),
      request.since ?? null,
      request.until ?? null,
      request.model ?? null,
      JSON.stringify(result.priceVersions),
      result.calls,
      result.changed,
      result.beforeUsd,
      result.afterUsd,
    );
  return { ...result, id };
}

function priceAll(
  database: DatabaseSync,
  { since, until, model, price }: RepriceRequest,
  store?: (sequence: number, cost: Cost) => void,
): Repricing {
  const filters = model === undefined ? {} : { model };
  const versions = new Set<string>();
  const sums = { calls: 0, changed: 0, before: 0n, after: 0n, unpricedBefore: 0, unpricedAfter: 0 };
  for (const { sequence, record, repriced } of eachCall(database, { since, until, filters })) {
    const before = repriced ? repriced.cost : record.cost.total;
    const cost = price(record);
    sums.calls++;
    if (cost.total !== before) sums.changed++;
    if (before === null) sums.unpricedBefore++;
    if (cost.total === null) sums.unpricedAfter++;
    sums.before += BigInt(before ?? 0);
    sums.after += BigInt(cost.total ?? 0);
    if (cost.priceVersion !== undefined) versions.add(cost.priceVersion);
    store?.(sequence, cost);
  }
  const { before, after, ...counts } = sums;
  return {
    ...counts,
    beforeUsd: usd(before),
    afterUsd: usd(after),
    differenceUsd: usd(after - before),
    priceVersions: [...versions].sort(),
  };
}
