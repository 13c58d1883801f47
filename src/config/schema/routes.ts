import * as z from 'zod';
import { isTimeZone } from '../../allowance/time-zone.ts';
import { days } from '../../routes/match.ts';
import { maxTableRows } from '../../routes/table.ts';
import { outputLimitOptions } from './output-limits.ts';
import { choice, flag, option, whole } from './option.ts';
import { nameOption } from './provider.ts';
import { savingModesOption } from './savings.ts';

/** Rules at most. */
export const maxRoutes = 200;
/** Aliases at most. */
const maxAliases = 1000;
/** Patterns of one condition, and shares of one split, at most. */
const maxEntries = 32;

const pattern = z.string().min(1).max(256);
const patterns = (description: string) =>
  option(
    z.union([pattern, z.array(pattern).min(1).max(maxEntries)]),
    `${description}; one value or a list, \`*\` at the end of an entry stands for any rest.`,
  ).optional();
const patternsByName = (description: string) =>
  option(z.record(z.string().min(1).max(200), z.union([pattern, z.array(pattern).min(1).max(maxEntries)])), description).optional();

const clock = (description: string, shape: RegExp) =>
  option(z.string().regex(shape, 'must be a time such as "08:30"'), description).optional();

const time = option(
  z
    .strictObject({
      from: clock('From this time on, such as `08:30`.', /^([01]\d|2[0-3]):[0-5]\d$/),
      to: clock('Before this time; an earlier one than `from` is on the next day.', /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/),
      days: option(
        z.array(z.enum(days)).min(1).max(days.length),
        `On these days: ${days.join(', ')}. A night belongs to the day it began on.`,
      ).optional(),
      timeZone: option(z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin'), 'Time zone.').default('UTC'),
    })
    .refine(({ from = '00:00', to = '24:00' }) => from !== to, 'must not end when it begins'),
  'Time of day and week at which the call arrives.',
).optional();

const match = option(
  z.strictObject({
    app: patterns('App'),
    feature: patterns('Feature'),
    key: patterns('Virtual key, by id'),
    team: patterns('Team'),
    user: patterns('User'),
    client: patterns('Client program, such as `claude-cli`'),
    model: patterns('Model as the client names it'),
    headers: patternsByName(
      'Headers of the request that go on to the provider, by name. Credentials and `x-modicum-*` are not among them.',
    ),
    tags: patternsByName('Tags, by name: `x-modicum-tag-NAME`.'),
    inputTokens: option(
      z
        .strictObject({
          min: option(z.int().min(0), 'At least.', { unit: 'tokens' }).optional(),
          max: option(z.int().min(0), 'At most.', { unit: 'tokens' }).optional(),
        })
        .refine(({ min = 0, max = Infinity }) => min <= max, 'has a `min` above its `max`'),
      'Size of the prompt, by estimate.',
    ).optional(),
    language: patterns('Language of what the user said last, as ISO 639-1: `de`'),
    hasTools: option(z.boolean(), 'Whether the call has tools.').optional(),
    hasImages: option(z.boolean(), 'Whether there are images in the prompt.').optional(),
    time,
    sensitivity: patterns('Label by `sensitivity`, `none` where nothing was found'),
    budgetLeft: option(
      z.strictObject({
        budget: option(nameOption, 'Name of a budget.'),
        below: option(z.number().min(0).max(100), 'Less than this is left of it for whoever calls.', { unit: '%' }),
      }),
      'How much of a budget is left, as far as this process knows.',
    ).optional(),
  }),
  'Which calls it is for. All that is written must hold; nothing written: all calls.',
).default({});

const model = (description: string) => option(z.string().min(1).max(256), description);

const row = z.strictObject({
  task: option(z.string().min(1).max(200), 'Kind of task.'),
  model: model('Model.'),
  quality: option(z.number().min(0), 'As evaluated; higher is better.'),
  cost: option(z.number().min(0), 'In any unit, the same in the whole table.'),
});

const use = option(
  z.strictObject({
    model: model('A name of `models` or `aliases`, `provider/model`, or any name a provider serves.').optional(),
    split: option(
      z
        .array(
          z.strictObject({ model: model('Model.'), weight: whole('Share, beside the other weights.', { max: 1_000_000, default: 1 }) }),
        )
        .min(1)
        .max(maxEntries),
      'Several models by weight. A session keeps its model, so that prompt caches stay whole.',
    ).optional(),
    fromTable: option(
      z.strictObject({
        file: option(z.string().min(1), 'JSON or CSV with task, model, quality and cost, relative to the configuration file.').optional(),
        rows: option(z.array(row).max(maxTableRows), 'The table itself, in place of a file.').default([]),
        task: option(z.string().min(1).max(200), 'Task in the table. Left out: the feature of the call.').optional(),
        minQuality: option(z.number().min(0), 'Quality that a model must have.'),
      }),
      'The cheapest model of a table of evaluations that is good enough.',
    ).optional(),
  }),
  'Where the calls go. Left out: to the model the client names.',
).optional();

const route = z.strictObject({
  name: option(nameOption, 'Name of the rule, in records, reports and `modicum routes`.'),
  match,
  use,
  limits: outputLimitOptions('Limits of output for these calls, over those of the app.').optional(),
  stages: option(savingModesOption, 'Modes of savings for these calls.').optional(),
  mode: choice('`observe` records that the rule would have fired, and asks the rules behind it.', ['observe', 'on'], 'on'),
  required: flag(
    'Whether the call fails when the rule cannot be followed: its key is not for the model, nobody serves it, or a guard keeps it elsewhere. Otherwise the model that the client names serves, and the record says so.',
    false,
  ),
});

export const routesOption = option(
  z.array(route).max(maxRoutes),
  'Rules that choose the model of a call. The first that is for it counts.',
).default([]);

const alias = option(
  z.strictObject({
    model: model('The model that the name stands for now.'),
    version: option(
      z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, _, . or -'),
      'Version of that; `NAME@VERSION` names it too.',
    ).optional(),
    earlier: option(
      z.record(z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, _, . or -'), model('Model of that version.')),
      'Models of earlier versions, by version: `NAME@VERSION` still names them.',
    ).default({}),
  }),
  'A name of your own for a model.',
);

export const aliasesOption = option(
  z
    .record(z.string().regex(/^[^\s@]{1,128}$/, 'must be 1 to 128 characters without spaces and @'), alias)
    .refine((given) => Object.keys(given).length <= maxAliases, `has more than ${maxAliases} entries`),
  'Names of your own for models, with versions.',
).default({});
