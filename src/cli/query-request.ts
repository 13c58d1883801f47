import { checkedQuery } from '../analytics/check.ts';
import { measures, type Filter, type Query } from '../analytics/query.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './errors.ts';
import { asUsage } from './report-request.ts';
import { readTime } from './time.ts';

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').map((part) => part.trim()).filter((part) => part !== ''); // prettier-ignore

/** `cost` for `costUsd`, `latencyP95` for `latencyP95Ms`: what is not ambiguous need not be written out. */
function measureNamed(name: string): string {
  const whole = [name, `${name}Usd`, `${name}Ms`, `${name}Tokens`].find((one) => Object.hasOwn(measures, one));
  return whole ?? name;
}

/** The query that the options ask for. @throws a usage error */
export function queryRequest(given: Arguments, nowMs: number): Query {
  const order = given.text('order');
  return asUsage(() =>
    checkedQuery({
      ...spanAndFilters(given, nowMs),
      measures: listOf(given.text('measures') ?? 'costUsd,calls,totalTokens').map(measureNamed),
      dimensions: listOf(given.text('by')),
      bucket: given.text('bucket'),
      timeZone: given.text('time-zone'),
      compareTo: given.text('compare'),
      ...(order !== undefined && { order: readOrder(order) }),
      limit: given.whole('limit') ?? defaultRows,
    }),
  );
}

/** What `--since`, `--until` and `--filter` ask for. @throws a usage error */
export function spanAndFilters(given: Arguments, nowMs: number): Pick<Query, 'from' | 'to' | 'filters'> {
  const [since, until] = [given.text('since'), given.text('until')];
  return {
    filters: given.list('filter').map(readFilter),
    ...(since !== undefined && { from: readTime('since', since, nowMs) }),
    to: until === undefined ? nowMs : readTime('until', until, nowMs),
  };
}
const defaultRows = 40;

function readFilter(text: string): Filter {
  const found = /^([^=!]+)(!?=)(.*)$/s.exec(text);
  if (!found) throw usageError(`--filter: "${text}" is not DIMENSION=VALUE or DIMENSION!=VALUE`);
  const [, dimension, sign, value] = found as unknown as [string, Filter['dimension'], string, string];
  return { dimension, values: [value === '' ? null : value], not: sign === '!=' };
}

/** A measure goes from the most down, all else up; `-` turns it round. */
function readOrder(text: string): object {
  const turned = text.startsWith('-');
  const by = measureNamed(turned ? text.slice(1) : text);
  return { by, descending: Object.hasOwn(measures, by) !== turned };
}
