import * as z from 'zod';
import { measures, type Measure } from '../../analytics/query.ts';
import { clickhouseOptions } from './clickhouse.ts';
import { choice, flag, group, option } from './option.ts';
import { nameOption } from './provider.ts';

const names = Object.keys(measures) as [Measure, ...Measure[]];

/** Money may be written without its unit: `costPerTask`. */
const measureOption = z.preprocess(
  (given) =>
    typeof given === 'string' && !Object.hasOwn(measures, given) && Object.hasOwn(measures, `${given}Usd`) ? `${given}Usd` : given,
  z.enum(names),
);

const target = z.strictObject({
  measure: option(measureOption, 'A measure of queries, such as `costPerTaskUsd`.'),
  change: option(
    z.string().regex(/^[+-]\d{1,4}(?:\.\d{1,2})?%$/, 'must be a change in percent with its sign, such as "-20%"'),
    'Change against the baseline: `-20%` is a fifth less.',
  ),
  app: option(nameOption, 'Only calls of this app.').optional(),
});

/** Targets at most. */
export const maxTargets = 50;

/** What is found out about calls beside their usage. */
export const insightOptions = group('What is found out about calls when their replies are out, for queries.', {
  engine: choice(
    '`sqlite`: queries read the tables of this gateway. `clickhouse`: they read a ClickHouse server that all gateways send their records to.',
    ['sqlite', 'clickhouse'],
    'sqlite',
  ),
  clickhouse: clickhouseOptions,
  quality: flag(
    'Marks in the record: answers cut short or refused, JSON that does not fit the schema asked for, failed tools, the same prompt again.',
    true,
  ),
  language: flag('The language of what the user says, once a session. Takes some 50 MB of memory, and 0.2 ms a session.', false),
  baseline: option(
    z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-11'),
    'Month that the monthly report compares with. Left out: the month before.',
  ).optional(),
  targets: option(z.array(target).max(maxTargets), 'What the monthly report holds the figures against.').default([]),
});
