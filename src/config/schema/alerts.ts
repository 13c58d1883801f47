import * as z from 'zod';
import { happenings, severities, sidesOfAnomaly, spanMs } from '../../alerts/rule.ts';
import { sensitivities, type Sensitivity } from '../../alerts/season.ts';
import { checkedQuery } from '../../analytics/check.ts';
import type { Dimension, Filter, Measure } from '../../analytics/query.ts';
import { flag, group, minute, option, second, whole, hour } from './option.ts';
import { nameOption } from './provider.ts';

const span = (description: string) =>
  option(
    z.string().refine((text) => spanMs(text) !== undefined, 'must be a time such as 15m, 1h or 7d, at most 92d'),
    description,
  );
const number = (description: string) => option(z.number().min(-1e15).max(1e15), description).optional();

const filter = z.strictObject({
  dimension: option(z.string().max(110), 'What is looked at, such as `app` or `tag:NAME`.'),
  values: option(z.array(z.string().nullable()).min(1).max(1000), 'Any of these; null is "not set".'),
  not: option(z.boolean(), 'None of them instead.').optional(),
});

/** A fault of the query that an alert asks, as the engine says it; `undefined`: none. */
function queryFault(query: {
  readonly measures: readonly string[];
  readonly filters?: unknown;
  readonly dimensions?: readonly string[] | undefined;
}): string | undefined {
  try {
    checkedQuery(query);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const query = option(
  z
    .strictObject({
      measures: option(z.array(z.string()).length(1), 'The one measure, such as `costUsd`.'),
      filters: option(z.array(filter).max(20), 'Which calls; all must hold.').default([]),
      dimensions: option(z.array(z.string()).max(1), 'Each value of it is an alert of its own, such as each `team`.').default([]),
    })
    .superRefine((given, context) => {
      const fault = queryFault(given);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    })
    .transform((given) => ({
      measure: given.measures[0] as Measure,
      filters: given.filters as readonly Filter[],
      by: given.dimensions[0] as Dimension | undefined,
    })),
  'What is asked.',
);

const anomaly = option(
  z.strictObject({
    sensitivity: option(z.enum(sensitivities as readonly [Sensitivity, ...Sensitivity[]]), 'How much is told: see the guide for rates.').default('medium'), // prettier-ignore
    sides: option(z.enum(sidesOfAnomaly), 'Whether too much, too little or both are told.').default('above'),
  }),
  'Tells what is unusual for the time of day and week. `over` is 1h or 1d.',
);

const budget = option(
  z.strictObject({
    name: option(z.string().min(1).max(200), 'Name of the budget, or `*` for all.'),
    at: option(z.array(z.int().min(1).max(1000)).max(16), 'Marks in percent of the limit.').default([]),
    forecast: option(z.boolean(), 'Also when it will be spent before its end, if this goes on.').default(false),
  }),
  'Tells of a budget.',
);

const kinds = ['above', 'below', 'changePercent', 'anomaly', 'budget', 'event'] as const;

const when = option(
  z
    .strictObject({
      query: query.optional(),
      over: span('Time that is looked at, up to now.').default('1h'),
      above: number('It is bad above this. Money in USD, shares from 0 to 1.'),
      below: number('It is bad below this.'),
      changePercent: option(
        z.number().min(-100).max(1e6),
        'It is bad when it changed by this much against the time before: 50 is half as much again, -50 is half.',
      ).optional(),
      anomaly: anomaly.optional(),
      budget: budget.optional(),
      event: option(z.enum(happenings), 'Something that happens by itself.').optional(),
      maxAgeDays: whole('For `priceDataOld`: how old price data may be.', { unit: 'days', min: 1, max: 3650, default: 60 }),
    })
    .superRefine((given, context) => {
      const fault = whenFault(given);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    }),
  'When it is told: `query` with `above`, `below`, `changePercent` or `anomaly`; or `budget`; or `event`.',
);

interface GivenWhen {
  readonly query?: { readonly by?: string | undefined } | undefined;
  readonly over: string;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly changePercent?: number | undefined;
  readonly anomaly?: object | undefined;
  readonly budget?: { readonly at: readonly number[]; readonly forecast: boolean } | undefined;
  readonly event?: string | undefined;
}

function whenFault(given: GivenWhen): string | undefined {
  const named = kinds.filter((kind) => given[kind] !== undefined);
  const isRange = named.length === 2 && named[0] === 'above' && named[1] === 'below';
  if (named.length !== 1 && !isRange) return `must have one of ${kinds.join(', ')}, or above and below`;
  const asks = given.budget === undefined && given.event === undefined;
  if (asks !== (given.query !== undefined)) return asks ? 'needs a `query`' : '`query` does not go with `budget` or `event`';
  if (given.changePercent === 0) return '`changePercent` must not be 0';
  if (given.budget && given.budget.at.length === 0 && !given.budget.forecast) return '`budget` needs marks in `at`, or `forecast: true`';
  if (!given.anomaly) return undefined;
  if (given.over !== '1h' && given.over !== '1d') return '`over` is 1h or 1d with `anomaly`';
  return given.query?.by === undefined ? undefined : '`anomaly` watches one series: take a filter instead of `dimensions`';
}

/** Name of an alert, also in the path of the admin API. */
const alertName = option(nameOption, 'Name of the alert.');

/** One alert, in the file and by the admin API. */
export const alertOption = option(
  z.strictObject({
    name: alertName,
    when,
    for: option(z.string().refine((text) => text === '0' || spanMs(text) !== undefined, 'must be 0, or a time such as 5m'), 'How long it must hold before it is told, and be over before that is told.').default('0'), // prettier-ignore
    to: option(z.array(z.string()).min(1).max(20), 'Channels it goes to, by name; `log` is always there.').default(['log']),
    severity: option(z.enum(severities), 'How bad it is.').default('warning'),
    remind: option(z.string().refine((text) => text === 'never' || spanMs(text) !== undefined, 'must be never, or a time such as 4h'), 'While it goes on it is told again this often.').default('1d'), // prettier-ignore
  }),
  'An alert.',
);

/** Alerts of the configuration, and of the admin API, at most. */
export const maxAlerts = 200;

const unique = (rules: readonly { readonly name: string }[]): boolean => new Set(rules.map(({ name }) => name)).size === rules.length;
export const alertsOption = option(
  z.array(alertOption).max(maxAlerts).refine(unique, 'two entries have the same name'),
  'What is told to whom, and when. One named as a built-in alert replaces it.',
).default([]);

const url = (description: string) => option(z.url({ protocol: /^https?$/ }), description, { secret: true });
const line = z
  .string()
  .max(2000)
  .regex(/^[^\r\n\0]*$/, 'must be one line'); // oxlint-disable-line no-control-regex
const headerName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is no name of a header');

const channel = option(
  z
    .strictObject({
      type: option(
        z.enum(['webhook', 'slack', 'email', 'command']),
        'How messages go: JSON by HTTP, as Slack takes it, by mail, or to a program.',
      ),
      url: url('For `webhook` and `slack`: where to. May be a secret: write `${VAR}`.').optional(),
      secret: option(z.string().min(16).max(256), 'For `webhook`: signs messages in `x-modicum-signature`. Write `${VAR}`.', { secret: true }).optional(), // prettier-ignore
      headers: option(z.record(headerName, option(line, 'Value of the header of this name.', { secret: true })), 'For `webhook`: more headers.').default({}), // prettier-ignore
      smtp: option(z.url({ protocol: /^smtps?$/ }), 'For `email`: the server, `smtps://user:password@host:465`.', { secret: true }).optional(), // prettier-ignore
      from: option(line, 'For `email`: the sender.').optional(),
      to: option(z.array(line.min(3)).max(50), 'For `email`: who gets it.').default([]),
      command: option(z.array(z.string().min(1).max(4096)).min(1).max(64), 'For `command`: program and arguments; no shell reads them. The message is JSON on its input.').optional(), // prettier-ignore
      timeoutMs: whole('For `command`: how long it may run.', { unit: 'ms', min: 100, max: minute, default: 10 * second }),
    })
    .superRefine(({ type, url: to, smtp, from, to: whom, command }, context) => {
      const missing =
        type === 'email'
          ? [smtp === undefined && 'smtp', from === undefined && 'from', whom.length === 0 && 'to']
          : type === 'command'
            ? [command === undefined && 'command']
            : [to === undefined && 'url'];
      const names = missing.filter((name) => name !== false);
      if (names.length > 0) context.addIssue({ code: 'custom', message: `${type} needs ${names.join(', ')}` });
    }),
  'A channel.',
);

export const channelsOption = option(
  z.record(
    nameOption.refine((name) => name !== 'log', '`log` is always there'),
    channel,
  ),
  'Where alerts go, by name.',
).default({});

export const alertingOptions = group('How alerts are evaluated.', {
  enabled: flag('Whether they are.', true),
  builtIn: flag(
    'Alerts that are there by themselves: new unpriced models, cache hits that collapse, savings that switched themselves off, marks of budgets.',
    true,
  ),
  to: option(z.array(z.string()).max(20), 'Channels that those go to, by name.').default(['log']),
  intervalMs: whole('How often queries of alerts are asked.', { unit: 'ms', min: 5 * second, max: hour, default: minute }),
  url: option(z.url({ protocol: /^https?$/ }), 'Address of the dashboard in messages. Left out: where the gateway listens.').optional(),
});
