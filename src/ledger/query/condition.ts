import type { DatabaseSync } from 'node:sqlite';
import { countsTokenCounting } from '../../analytics/check.ts';
import type { Dimension, Filter } from '../../analytics/query.ts';
import type { Condition } from '../keys.ts';
import { endSequenceBefore, firstSequenceFrom } from '../block-bounds.ts';
import { kinds } from './kinds.ts';

const ownColumns: Readonly<Partial<Record<Dimension, string>>> = {
  user: 'c.user',
  key: 'c.key',
  task: 'c.task',
  session: 'c.session',
  model: 'd.model',
  signal: 'signal.value',
  stream: `iif(d.stream, 'true', 'false')`,
};

/** SQL of a dimension of calls. Names of tags are checked, they may stand in SQL. */
export function dimensionSql(dimension: Dimension): string {
  if (dimension.startsWith('tag:')) return `json_extract(c.tags, '$."${dimension.slice('tag:'.length)}"')`;
  return ownColumns[dimension] ?? `d.${kinds.get(dimension)!.column}`;
}

/** Calls that all filters let through; token counting only where a filter speaks of the operation. */
export function callCondition(filters: readonly Filter[]): Condition {
  const conditions = filters.map((filter) =>
    filter.dimension === 'signal' ? signalCondition(filter) : valueCondition(dimensionSql(filter.dimension), filter),
  );
  if (!countsTokenCounting({ filters })) conditions.push({ sql: `d.operation <> 'count_tokens'`, values: [] });
  return joined(conditions);
}

export const joined = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => sql).join(' AND ') || 'TRUE',
  values: conditions.flatMap(({ values }) => values),
});

/** One of the values, "not set" among them as `null`. */
export function valueCondition(sql: string, { values, not = false }: Pick<Filter, 'values' | 'not'>): Condition {
  const texts = values.filter((value) => value !== null);
  const isOne = `${sql} IN (${texts.map(() => '?').join(', ')})`;
  const parts = [
    ...(texts.length > 0 ? [not ? `coalesce(${isOne}, 0)` : isOne] : []),
    ...(values.includes(null) ? [`${sql} IS NULL`] : []),
  ];
  return { sql: not ? `NOT (${parts.join(' OR ')})` : `(${parts.join(' OR ')})`, values: texts };
}

/** A call has several signals: one of them is enough. */
function signalCondition({ values, not = false }: Filter): Condition {
  const texts = values.filter((value) => value !== null);
  const has = `EXISTS (SELECT 1 FROM json_each(c.signals) AS own WHERE own.value IN (${texts.map(() => '?').join(', ')}))`;
  const parts = [...(texts.length > 0 ? [has] : []), ...(values.includes(null) ? ['c.signals IS NULL'] : [])];
  return { sql: `${not ? 'NOT ' : ''}(${parts.join(' OR ')})`, values: texts };
}

/** A stretch of time, and which of its rows. */
export interface Stretch {
  /** Epoch ms; from included, to excluded. */
  readonly from: number;
  readonly to: number;
  /** Only rows up to this sequence, or only those behind it. */
  readonly through?: number;
  readonly behind?: number;
}

/**
 * The exact times, and the sequences that blocks of those times hold, which make it fast. `undefined`: there are no such rows. The bounds
 * are worked out first: of several bounds on a key SQLite uses one.
 */
export function stretchCondition(database: DatabaseSync, { from, to, through = Infinity, behind = 0 }: Stretch): Condition | undefined {
  const { first, last } = database.prepare(blockBounds).get(from, to)!;
  if (first === null || last === null) return undefined;
  const [least, most] = [Math.max(Number(first), behind + 1), Math.min(Number(last) - 1, through)];
  return least > most ? undefined : { sql: 'c.sequence BETWEEN ? AND ? AND c.at >= ? AND c.at < ?', values: [least, most, from, to] };
}

const blockBounds = `SELECT (${firstSequenceFrom}) AS first, (${endSequenceBefore}) AS last`;
