import type { DatabaseSync } from 'node:sqlite';
import { keySql, type Condition, type ReportKey } from './keys.ts';
import { usd } from './money.ts';

/** Token counts never overlap. Times in ms; the percentiles are exact (nearest rank for the 95th). */
export interface Figures {
  readonly calls: number;
  /** Outcome other than `ok`. */
  readonly failed: number;
  /** Fresh input only, media included. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Visible output; reasoning is beside it. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Exact decimal; `null` when no call has a known cost. Calls without one are left out of the sum and counted in `unpricedCalls`. */
  readonly costUsd: string | null;
  readonly inputCostUsd: string | null;
  readonly cacheReadCostUsd: string | null;
  readonly cacheWriteCostUsd: string | null;
  readonly outputCostUsd: string | null;
  readonly reasoningCostUsd: string | null;
  readonly unpricedCalls: number;
  /** Some or all of the counts are our estimate. */
  readonly estimatedCalls: number;
  /** The provider left a count out; the sums hold what it told. */
  readonly incompleteCalls: number;
  readonly attempts: number;
  readonly medianLatencyMs: number | null;
  readonly p95LatencyMs: number | null;
}
export interface ReportRow extends Figures {
  /** Value of the key; several keys are joined by ` / `. `null`: not set. */
  readonly key: string | null;
  readonly keys: Readonly<Record<string, string | null>>;
  /** Only by `part`: tokens of this part, cached or not. They sum to the whole input. */
  readonly partTokens?: number;
}
/** A row and its cost as a number to sort by. */
export type Costed = ReportRow & { readonly cost: bigint | null };
/** One row of SQL with integers as bigint. */
export type SqlRow = Readonly<Record<string, bigint | string | number | null>>;

export const from = 'FROM call c JOIN dimension d ON d.id = c.dimension';

/** The newest cost of a call: as repriced, if it was. */
export const newest = (column: string): string => `iif(c.repricing IS NULL, c.${column}, c.repriced_${column})`;

/** `expression AS k0, ...`, and `k0, ...`. */
export const keyList = (by: readonly ReportKey[]) => ({
  named: by.map((key, index) => `${keySql(key)} AS k${index}, `).join(''),
  names: by.map((_, index) => `k${index}`),
});

/** Key and keys of a row. */
export function keysOf(by: readonly ReportKey[], row: SqlRow): Pick<ReportRow, 'key' | 'keys'> {
  const values = by.map((_, index) => (row[`k${index}`] === null ? null : String(row[`k${index}`])));
  const key = values.length === 1 ? values[0]! : values.map((value) => value ?? '-').join(' / ');
  return { key, keys: Object.fromEntries(by.map((name, index) => [name, values[index] ?? null])) };
}

export function figuresOf(row: SqlRow): Figures {
  const times = durationsUs(row['durations']);
  const count = (name: string): number => Number(row[name] ?? 0);
  const money = (name: string): string | null => (row[name] === null ? null : usd(row[name] as bigint));
  return {
    calls: count('calls'),
    failed: count('failed'),
    inputTokens: count('input_tokens'),
    cacheReadTokens: count('cache_read_tokens'),
    cacheWriteTokens: count('cache_write_tokens'),
    outputTokens: count('output_tokens'),
    reasoningTokens: count('reasoning_tokens'),
    costUsd: money('cost'),
    inputCostUsd: money('input_cost'),
    cacheReadCostUsd: money('cache_read_cost'),
    cacheWriteCostUsd: money('cache_write_cost'),
    outputCostUsd: money('output_cost'),
    reasoningCostUsd: money('reasoning_cost'),
    unpricedCalls: count('unpriced'),
    estimatedCalls: count('estimated'),
    incompleteCalls: count('incomplete'),
    attempts: count('attempts'),
    medianLatencyMs: times.length === 0 ? null : median(times) / 1000,
    p95LatencyMs: times.length === 0 ? null : times[Math.ceil(times.length * 0.95) - 1]! / 1000,
  };
}

/** Of a list such as `12,7`, rising. A list from SQL and a sort here take a tenth of the time of SQL's own window functions. */
const durationsUs = (list: SqlRow[string] | undefined): Float64Array =>
  typeof list === 'string' ? Float64Array.from(list.split(','), Number).sort() : new Float64Array();

const median = (times: Float64Array): number => (times[(times.length - 1) >> 1]! + times[times.length >> 1]!) / 2;

/** All rows; integers as bigint, so that no sum loses a digit. */
export function all(database: DatabaseSync, sql: string, { values }: Condition): SqlRow[] {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all(...values) as SqlRow[];
}
