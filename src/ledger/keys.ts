import type { SQLInputValue } from 'node:sqlite';
import { endSequenceBefore, firstSequenceFrom } from './block-bounds.ts';

/** What a report can group and filter by, and where it stands: `d` is the table `dimension`, `c` the table `call`. Times are UTC. */
const columns = {
  model: 'd.model',
  provider: 'd.provider',
  app: 'd.app',
  feature: 'd.feature',
  user: 'c.user',
  key: 'c.key',
  session: 'c.session',
  task: 'c.task',
  team: 'd.team',
  client: 'd.client',
  day: `strftime('%Y-%m-%d', c.at / 1000, 'unixepoch')`,
  hour: `strftime('%Y-%m-%dT%H:00Z', c.at / 1000, 'unixepoch')`,
  api: 'd.api',
  outcome: 'd.outcome',
} as const;
/** Only to filter by. */
const filterColumns = {
  operation: 'd.operation',
  requestModel: 'd.request_model',
  errorCode: 'd.error_code',
  usageSource: 'd.usage_source',
  status: 'CAST(c.status AS TEXT)',
} as const;

export type ReportKey = keyof typeof columns | 'part' | `tag:${string}`;
/** Value by key; an empty value means "not set". */
export type Filters = Readonly<Record<string, string>>;

export const reportKeys: readonly string[] = [...Object.keys(columns), 'part', 'tag:NAME'];
export const filterKeys: readonly string[] = [...Object.keys(columns), ...Object.keys(filterColumns), 'tag:NAME'];

/** Tag names as headers can carry them; they may stand in SQL text as they are. */
const tagName = /^[\w.-]{1,100}$/;

/** @throws {RangeError} when a report cannot group by it. */
export function isReportKey(key: string): key is ReportKey {
  if (key !== 'part' && columnOf(key, columns) === undefined)
    throw new RangeError(`cannot report by "${key}"; there are: ${reportKeys.join(', ')}`);
  return true;
}

/** SQL of a key other than `part`. */
export const keySql = (key: ReportKey): string => columnOf(key, columns)!;

function columnOf(key: string, known: Readonly<Record<string, string>>): string | undefined {
  if (!key.startsWith('tag:')) return Object.hasOwn(known, key) ? known[key] : undefined;
  const name = key.slice('tag:'.length);
  return tagName.test(name) ? `json_extract(c.tags, '$."${name}"')` : undefined;
}

/** A condition in SQL and its values. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export interface Selection {
  /** Epoch ms, included. */
  readonly since?: number | undefined;
  /** Epoch ms, not included. */
  readonly until?: number | undefined;
  readonly filters?: Filters | undefined;
}

/** @throws {RangeError} when a filter is not known. */
export function conditionOf({ since, until, filters = {} }: Selection): Condition {
  const parts = [...timeConditions(since, until), ...Object.entries(filters).map(([key, value]) => filterCondition(key, value))];
  return { sql: parts.map(({ sql }) => sql).join(' AND ') || 'TRUE', values: parts.flatMap(({ values }) => values) };
}

function filterCondition(key: string, value: string): Condition {
  const sql = columnOf(key, { ...columns, ...filterColumns });
  if (sql === undefined) throw new RangeError(`cannot filter by "${key}"; there are: ${filterKeys.join(', ')}`);
  return value === '' ? { sql: `${sql} IS NULL`, values: [] } : { sql: `${sql} = ?`, values: [value] };
}

/** `at` alone is exact; the sequences that blocks of that time hold make it fast. */
function timeConditions(since: number | undefined, until: number | undefined): Condition[] {
  const conditions: Condition[] = [];
  if (since !== undefined)
    conditions.push({
      sql: `c.at >= ? AND c.sequence >= (${firstSequenceFrom})`,
      values: [since, since],
    });
  if (until !== undefined)
    conditions.push({
      sql: `c.at < ? AND c.sequence < (${endSequenceBefore})`,
      values: [until, until],
    });
  return conditions;
}
