import { bigintOf, type Cell, type ClickHouse } from './client.ts';
import { costColumns, labelNames, pricedValues, writtenNames } from './columns.ts';
import { literal } from './condition.ts';
import { callTable } from './schema.ts';

/** What is to hold of a call from now on; what is left out stays as it is. */
export interface Wanted {
  /** Millionths. */
  readonly scoreMicro?: number;
  /** Nano-USD, in the order of `costColumns`; nulls: unknown. */
  readonly costs?: readonly (number | null)[];
}

/** Calls looked up in one statement. */
const lookedUp = 5000;

/**
 * Rows that, added to what is there, make calls what they are to be. Worked out from what is there now: done twice, the second time adds
 * nothing. Calls that are not there are passed over. `wanted`: by id.
 */
export async function correctionsFor(
  clickhouse: ClickHouse,
  wanted: ReadonlyMap<string, Wanted>,
): Promise<readonly (readonly unknown[])[]> {
  const ids = [...wanted.keys()];
  const rows: (readonly unknown[])[] = [];
  for (let at = 0; at < ids.length; at += lookedUp)
    for (const row of await clickhouse.rows(stateSql(clickhouse, ids.slice(at, at + lookedUp)))) {
      const correction = correctionOf(row, wanted.get(row[0] as string)!);
      if (correction) rows.push(correction);
    }
  return rows;
}

const tokenColumns = ['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens'] as const;
const pricedColumns = ['priced', 'cache_saved_known', 'cache_saved'] as const;
const scoreColumns = ['scored', 'score_micro', 'priced_score_micro', 'scored_cost', 'scored_tokens'] as const;
/** What a correction may change, in the order of `amountsOf`. */
const corrected = [...costColumns, ...pricedColumns, ...scoreColumns] as const;

function stateSql(clickhouse: ClickHouse, ids: readonly string[]): string {
  const [, ...labels] = labelNames;
  const columns = ['id', ...labels.map((name) => `any(${name})`), ...[...tokenColumns, ...corrected].map((name) => `sum(${name})`)];
  return `SELECT ${columns.join(', ')} FROM ${callTable(clickhouse.database)}
WHERE id IN (${ids.map(literal).join(', ')}) GROUP BY id HAVING sum(calls) > 0`;
}

function correctionOf(row: readonly Cell[], wanted: Wanted): readonly unknown[] | undefined {
  const labels = row.slice(0, labelNames.length);
  const numbers = row.slice(labelNames.length).map((cell) => Number(bigintOf(cell)));
  const tokens = numbers.slice(0, tokenColumns.length);
  const now = numbers.slice(tokenColumns.length);
  const differences = amountsOf(tokens, now, wanted).map((amount, place) => amount - now[place]!);
  if (differences.every((difference) => difference === 0)) return undefined;
  const amounts = new Map<string, number>(corrected.map((name, place) => [name, differences[place]!]));
  return writtenNames.map((name, place) => (place < labels.length ? labels[place] : (amounts.get(name) ?? absent(name))));
}

/** What the columns are to sum up to. An unknown cost sums up to nothing, and is not `priced`. */
function amountsOf(tokens: readonly number[], now: readonly number[], { scoreMicro, costs }: Wanted): readonly number[] {
  const of = (name: (typeof corrected)[number]): number => now[corrected.indexOf(name)]!;
  const newest = costs ?? costColumns.map((name) => (of('priced') > 0 ? of(name) : null));
  const score = scoreMicro ?? (of('scored') > 0 ? of('score_micro') : undefined);
  const [input, read, write] = tokens as [number, number, number];
  const priced = pricedValues(newest, { input, cached: read + write });
  const cost = newest[0] ?? 0;
  const total = tokens.reduce((sum, count) => sum + count, 0);
  const scores = score === undefined ? [0, 0, 0, 0, 0] : [1, score, priced[0] === 1 ? score : 0, cost, total];
  return [...newest.map((amount) => amount ?? 0), ...priced, ...scores];
}

const nullable: ReadonlySet<string> = new Set([
  'first_byte_us',
  'first_byte_bucket',
  'gateway_us',
  'extra_cost',
  'saved_cost',
  'saved_tokens',
]);
const absent = (name: string): 0 | null => (nullable.has(name) ? null : 0);
