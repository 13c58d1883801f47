import { isTimeZone } from '../allowance/time-zone.ts';
import { buckets, dimensions, maxRows, measures, type Dimension, type Filter, type Measure, type Query } from './query.ts';

/** Measures, dimensions and filters of one query, and values of one filter, at most. */
export const queryLimits = { measures: 40, dimensions: 4, filters: 20, filterValues: 1000, valueLength: 1000 } as const;

const tagName = /^[\w.-]{1,100}$/;
/** Epoch ms up to which a `Date` can tell times. */
const lastTime = 8.64e15;

/**
 * The query in `value`, which may come from anywhere.
 * @throws {RangeError} naming the field and what it may be
 */
export function checkedQuery(value: unknown): Query {
  const given = object(value, 'query');
  for (const field of Object.keys(given))
    if (!fields.has(field)) wrong(field, `not a field of a query; there are: ${[...fields].join(', ')}`);
  const query: Query = {
    measures: list(given['measures'], 'measures', queryLimits.measures, measure),
    ...optional('dimensions', given, (of) => list(of, 'dimensions', queryLimits.dimensions, dimension)),
    ...optional('filters', given, (of) => list(of, 'filters', queryLimits.filters, filter)),
    ...optional('from', given, (of) => time(of, 'from')),
    ...optional('to', given, (of) => time(of, 'to')),
    ...optional('bucket', given, (of) => oneOf(of, 'bucket', buckets)),
    ...optional('timeZone', given, timeZone),
    ...optional('order', given, order),
    ...optional('limit', given, limit),
    ...optional('compareTo', given, (of) => oneOf(of, 'compareTo', ['previous', 'year'] as const)),
  };
  checkTogether(query);
  return query;
}

const fields: ReadonlySet<string> = new Set([
  'measures', 'dimensions', 'filters', 'from', 'to', 'bucket', 'timeZone', 'order', 'limit', 'compareTo',
]); // prettier-ignore

function wrong(field: string, says: string): never {
  throw new RangeError(`${field}: ${says}`);
}

type Given = Readonly<Record<string, unknown>>;

function optional<K extends string, T>(field: K, given: Given, read: (value: unknown) => T): { readonly [P in K]?: T } {
  const value = given[field];
  return value === undefined || value === null ? {} : ({ [field]: read(value) } as { readonly [P in K]?: T });
}

function object(value: unknown, field: string): Given {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(field, 'must be an object');
  return value as Given;
}

function list<T>(value: unknown, field: string, most: number, read: (value: unknown, field: string) => T): T[] {
  if (!Array.isArray(value)) wrong(field, 'must be a list');
  if (value.length > most) wrong(field, `holds ${value.length}; at most ${most}`);
  return value.map((one, index) => read(one, `${field}[${index}]`));
}

function measure(value: unknown, field: string): Measure {
  if (typeof value === 'string' && Object.hasOwn(measures, value)) return value as Measure;
  return wrong(field, `there is no measure ${JSON.stringify(value)}; there are: ${Object.keys(measures).join(', ')}`);
}

function dimension(value: unknown, field: string): Dimension {
  if (isDimension(value)) return value;
  return wrong(field, `there is no dimension ${JSON.stringify(value)}; there are: ${dimensions.join(', ')}, tag:NAME`);
}

function isDimension(value: unknown): value is Dimension {
  if (typeof value !== 'string') return false;
  return (dimensions as readonly string[]).includes(value) || (value.startsWith('tag:') && tagName.test(value.slice('tag:'.length)));
}

function filter(value: unknown, field: string): Filter {
  const given = object(value, field);
  const of = dimension(given['dimension'], `${field}.dimension`);
  if (of === 'part') wrong(`${field}.dimension`, '`part` cannot be filtered by: a call has all its parts; take it as a dimension');
  const values = list(given['values'], `${field}.values`, queryLimits.filterValues, filterValue);
  if (values.length === 0) wrong(`${field}.values`, 'is empty; name at least one value, null for "not set"');
  const not = given['not'] ?? false;
  if (typeof not !== 'boolean') wrong(`${field}.not`, 'must be true or false');
  return { dimension: of, values, ...(not && { not }) };
}

function filterValue(value: unknown, field: string): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') return wrong(field, 'must be text, or null for "not set"');
  return value.length <= queryLimits.valueLength ? value : wrong(field, `is longer than ${queryLimits.valueLength} characters`);
}

function time(value: unknown, field: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= lastTime) return value as number;
  return wrong(field, 'must be a time in whole ms since 1970');
}

function timeZone(value: unknown): string {
  if (typeof value === 'string' && isTimeZone(value)) return value;
  return wrong('timeZone', `${JSON.stringify(value)} is no time zone; take an IANA name such as Europe/Berlin`);
}

function order(value: unknown): NonNullable<Query['order']> {
  const { by, descending } = object(value, 'order');
  if (by !== 'time' && !isDimension(by) && !(typeof by === 'string' && Object.hasOwn(measures, by)))
    wrong('order.by', `${JSON.stringify(by)} is no measure, no dimension, and not "time"`);
  if (descending !== undefined && typeof descending !== 'boolean') wrong('order.descending', 'must be true or false');
  return { by: by as Measure | Dimension | 'time', ...(descending !== undefined && { descending }) };
}

function limit(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= maxRows) return value as number;
  return wrong('limit', `must be a whole number from 1 to ${maxRows}`);
}

function oneOf<T extends string>(value: unknown, field: string, known: readonly T[]): T {
  return known.includes(value as T) ? (value as T) : wrong(field, `${JSON.stringify(value)} is none of ${known.join(', ')}`);
}

function checkTogether({ measures: asked, dimensions: by = [], bucket, order: sort, from, to }: Query): void {
  if (asked.length === 0) wrong('measures', 'is empty; name at least one, such as costUsd');
  if (new Set(by).size < by.length) wrong('dimensions', 'names one twice');
  if (from !== undefined && to !== undefined && from >= to) wrong('to', 'must be later than from');
  checkParts(asked, by);
  if (!sort) return;
  if (sort.by === 'time' && bucket === undefined) wrong('order.by', 'cannot be "time" without a bucket');
  if (isDimension(sort.by) && !by.includes(sort.by)) wrong('order.by', `"${sort.by}" is not among the dimensions of the query`);
  if (Object.hasOwn(measures, sort.by) && !asked.includes(sort.by as Measure))
    wrong('order.by', `"${sort.by}" is not among the measures of the query`);
}

function checkParts(asked: readonly Measure[], by: readonly Dimension[]): void {
  const hasPart = by.includes('part');
  const other = asked.find((of) => of !== 'partTokens');
  if (hasPart && other !== undefined) wrong('measures', `"${other}" cannot be told by part of the prompt; only partTokens can`);
  if (!hasPart && asked.includes('partTokens')) wrong('measures', '"partTokens" needs the dimension part');
}

/** Whether token counting is meant too: only a filter that speaks of the operation says so. */
export const countsTokenCounting = ({ filters = [] }: Pick<Query, 'filters'>): boolean =>
  filters.some(({ dimension: of }) => of === 'operation');
