import type { DatabaseSync } from 'node:sqlite';
import { promptParts, type PromptPart } from '../core/record.ts';
import { figuresOf, from, keyList, keysOf, newest, type Costed, type SqlRow } from './figures.ts';
import type { Condition, ReportKey } from './keys.ts';
import { split } from './money.ts';

/**
 * Rows by part of the prompt. `partTokens` is exact; how much of it came from a cache, and its share of the input's cost, are divided in
 * proportion to the tokens, because no provider tells them by part. Shares sum to the whole, call by call. Output has no part.
 */
export function partRows(database: DatabaseSync, by: readonly ReportKey[], where: Condition): Costed[] {
  const others = by.filter((key) => key !== 'part');
  const { named } = keyList(others);
  const statement = database.prepare(`
SELECT ${named} d.outcome <> 'ok' AS failed, d.usage_source IN ('estimated', 'partial') AS estimated,
  c.unknown_tokens AS incomplete, c.attempts AS attempts, c.parts AS parts,
  c.input_tokens AS input_tokens, c.cache_read_tokens AS cache_read_tokens, c.cache_write_tokens AS cache_write_tokens,
  ${newest('input_cost')} AS input_cost, ${newest('cache_read_cost')} AS cache_read_cost, ${newest('cache_write_cost')} AS cache_write_cost
${from} WHERE ${where.sql}`);
  const sums = new Map<string, Sum>();
  for (const row of statement.iterate(...where.values)) addCall(sums, others, row as CallParts);
  return [...sums.values()].map((sum) => rowOf(by, others, sum));
}

type CallParts = Readonly<Record<string, string | number | null>>;
const shared = ['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'input_cost', 'cache_read_cost', 'cache_write_cost'] as const;
const counted = ['failed', 'estimated', 'incomplete', 'attempts'] as const;

/** Of the calls that have this part, within one group of the other keys. */
interface Sum {
  readonly part: PromptPart | null;
  readonly keys: SqlRow;
  tokens: number;
  readonly figures: Record<string, bigint | null>;
}

function addCall(sums: Map<string, Sum>, others: readonly ReportKey[], row: CallParts): void {
  const weights = row['parts'] === null ? [] : (JSON.parse(String(row['parts'])) as number[]);
  if (weights.every((weight) => weight === 0))
    return addShare(sumOf(sums, others, row, null), row, 0, (name) => row[name] as number | null);
  const shares = Object.fromEntries(shared.map((name) => [name, row[name] === null ? null : split(Number(row[name]), weights)]));
  for (const [index, part] of promptParts.entries()) {
    const tokens = weights[index] ?? 0;
    if (tokens > 0) addShare(sumOf(sums, others, row, part), row, tokens, (name) => shares[name]?.[index] ?? null);
  }
}

function addShare(sum: Sum, row: CallParts, tokens: number, share: (name: string) => number | null): void {
  sum.tokens += tokens;
  const { figures } = sum;
  const add = (name: string, value: number | null): void => {
    if (value !== null) figures[name] = (figures[name] ?? 0n) + BigInt(value);
  };
  add('calls', 1);
  for (const name of counted) add(name, Number(row[name]));
  for (const name of shared) add(name, share(name));
  if (row['input_cost'] === null) add('unpriced', 1);
}

function sumOf(sums: Map<string, Sum>, others: readonly ReportKey[], row: CallParts, part: PromptPart | null): Sum {
  const keys = Object.fromEntries(others.map((_, index) => [`k${index}`, row[`k${index}`] ?? null]));
  const identity = JSON.stringify([part, keys]);
  const known = sums.get(identity);
  if (known) return known;
  const made: Sum = { part, keys, tokens: 0, figures: { input_cost: null, cache_read_cost: null, cache_write_cost: null } };
  sums.set(identity, made);
  return made;
}

function rowOf(by: readonly ReportKey[], others: readonly ReportKey[], { part, keys, tokens, figures }: Sum): Costed {
  const byKey = new Map<ReportKey, unknown>(others.map((key, index) => [key, keys[`k${index}`]]));
  const named = Object.fromEntries(by.map((key, index) => [`k${index}`, key === 'part' ? part : (byKey.get(key) ?? null)])) as SqlRow;
  const { input_cost, cache_read_cost, cache_write_cost } = figures;
  const cost = input_cost === null ? null : (input_cost ?? 0n) + (cache_read_cost ?? 0n) + (cache_write_cost ?? 0n);
  return {
    ...keysOf(by, named),
    ...figuresOf({ ...figures, cost, output_cost: null, reasoning_cost: null }),
    partTokens: tokens,
    cost,
  };
}
