import { countsTokenCounting } from '../../analytics/check.ts';
import type { Dimension, Filter } from '../../analytics/query.ts';
import { kinds } from '../query/kinds.ts';

/** Text as SQL: between quotes only these three have a meaning. */
export const literal = (text: string): string =>
  `'${text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll("'", String.raw`\'`)
    .replaceAll('\0', String.raw`\0`)}'`;

const ownColumns: Readonly<Partial<Record<Dimension, string>>> = {
  user: 'user',
  key: 'key',
  task: 'task',
  session: 'session',
  model: 'model',
  stream: `if(stream = 1, 'true', 'false')`,
  signal: `arrayJoin(if(empty(signals), [NULL], CAST(signals, 'Array(Nullable(String))')))`,
};

/** SQL of a dimension of calls. */
export function dimensionSql(dimension: Dimension): string {
  if (!dimension.startsWith('tag:')) return ownColumns[dimension] ?? kinds.get(dimension)!.column;
  const name = literal(dimension.slice('tag:'.length));
  return `if(mapContains(tags, ${name}), tags[${name}], NULL)`;
}

/** The column a dimension needs, as rollups name it; `undefined`: no rollup has it. */
export function columnOfDimension(dimension: Dimension): string | undefined {
  if (dimension === 'model' || dimension === 'user' || dimension === 'key') return dimension;
  return kinds.get(dimension)?.column;
}

/** Calls that all filters let through; token counting only where a filter speaks of the operation. */
export function callCondition(filters: readonly Filter[]): string {
  const conditions = filters.map((filter) => (filter.dimension === 'signal' ? signalCondition(filter) : valueCondition(filter)));
  if (!countsTokenCounting({ filters })) conditions.push(`operation != 'count_tokens'`);
  return conditions.join(' AND ') || '1';
}

/** One of the values, "not set" among them as `null`. */
function valueCondition({ dimension, values, not = false }: Filter): string {
  const sql = dimensionSql(dimension);
  const texts = textsOf(values);
  const parts = [...(texts === '' ? [] : [`ifNull(${sql} IN (${texts}), 0)`]), ...(values.includes(null) ? [`isNull(${sql})`] : [])];
  return `${not ? 'NOT ' : ''}(${parts.join(' OR ')})`;
}

/** A call has several signals: one of them is enough. */
function signalCondition({ values, not = false }: Filter): string {
  const texts = textsOf(values);
  const parts = [...(texts === '' ? [] : [`hasAny(signals, [${texts}])`]), ...(values.includes(null) ? ['empty(signals)'] : [])];
  return `${not ? 'NOT ' : ''}(${parts.join(' OR ')})`;
}

const textsOf = (values: Filter['values']): string => values.flatMap((value) => (value === null ? [] : [literal(value)])).join(', ');
