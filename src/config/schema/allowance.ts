import * as z from 'zod';
import { decimalOf } from '../../catalog/decimal.ts';
import { isDimension, type Match } from '../../allowance/subject.ts';
import { isTimeZone } from '../../allowance/time-zone.ts';
import { isWindowName } from '../../allowance/window.ts';
import { choice, flag, group, hour, minute, option, second, whole } from './option.ts';
import { nameOption } from './provider.ts';

/** Entries of each list at most. */
const maxRules = 1000;
/** Names that budgets of our own have. */
const reserved = /^(run|key)-/;

const ruleName = option(
  nameOption.refine((name) => !reserved.test(name), 'names that begin with `run-` or `key-` are taken'),
  'Name of the rule, in errors, reports and commands.',
);

const match = option(
  z
    .record(z.string(), z.string().min(1).max(256))
    .refine((given) => Object.keys(given).every(isDimension), {
      message: 'keys must be app, key, team, user, feature, task, session, model or tag.NAME',
    })
    .transform((given) => given as Match),
  'Which calls it is for: `app`, `key`, `team`, `user`, `feature`, `task`, `session`, `model` or `tag.NAME`, each with a value, a beginning (`gpt-5*`), or `*` for a counter each. All must hold; empty: all calls in one counter. A call without the label is not counted.',
).default({});

const usd = (description: string) =>
  option(
    z.union([z.number().min(0).max(1e6), z.string().regex(/^\d{1,6}(\.\d{1,9})?$/, 'must be a decimal number such as "0.50"')]),
    description,
    { unit: 'USD' },
  ).transform(decimalOf);
const tokens = (description: string) => option(z.int().min(0).max(1e15), description, { unit: 'tokens' });

const timeZone = option(
  z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin'),
  'Time zone in which days, weeks (from Monday) and months begin.',
).default('UTC');

const queue = (description: string) =>
  option(
    z.strictObject({
      max: whole('Calls that wait for one counter at most; more are refused at once.', { unit: 'calls', max: 10_000, default: 100 }),
      deadlineMs: whole('How long one waits at most.', { unit: 'ms', max: hour, default: 30 * second }),
    }),
    description,
  );

const limit = option(
  z
    .strictObject({ usd: usd('Money.').optional(), tokens: tokens('Tokens in and out, cached ones included.').optional() })
    .refine((given) => (given.usd === undefined) !== (given.tokens === undefined), 'must have `usd` or `tokens`, not both'),
  'How much: `usd` or `tokens`.',
);

export const budgetActions = ['refuse', 'downgrade', 'defer', 'notify'] as const;

/** One budget, by itself: as the configuration has it, and as commands and the admin API make it. */
export const budgetOption = option(
  z
    .strictObject({
      name: ruleName,
      match,
      limit,
      window: option(
        z.string().refine(isWindowName, 'must be call, minute, hour, day, week, month, total or rolling:N with m, h or d'),
        'Over which time: `call`, `minute`, `hour`, `day`, `week`, `month`, `total`, or `rolling:24h` (m, h or d; a step of 1/24 longer at most).',
      ).default('month'),
      timeZone,
      action: choice(
        'What happens to a call without room: `refuse` it, `downgrade` it to a cheaper model, `defer` it until there is room, or `notify` only.',
        budgetActions,
        'refuse',
      ),
      downgradeTo: option(
        z.string().min(1).max(256),
        'The cheaper model, for `downgrade`; without room for it the call is refused.',
      ).optional(),
      queue: queue('How calls wait, for `defer`.').prefault({}),
    })
    .refine(({ action, downgradeTo }) => (action === 'downgrade') === (downgradeTo !== undefined), {
      message: '`downgradeTo` belongs to the action `downgrade`, and only there',
      path: ['downgradeTo'],
    }),
  'A budget.',
);

const rate = (description: string, unit: string) => option(z.int().min(1).max(1e12), description, { unit }).optional();

/** One rate limit, by itself. */
export const rateLimitOption = option(
  z
    .strictObject({
      name: ruleName,
      match,
      requests: rate('Calls in the time of `per`.', 'calls'),
      tokens: rate('Tokens in and out in that time.', 'tokens'),
      inputTokens: rate('Tokens in.', 'tokens'),
      outputTokens: rate('Tokens out.', 'tokens'),
      concurrency: rate('Calls at one time.', 'calls'),
      per: choice('The time, from its full minute or hour.', ['minute', 'hour'], 'minute'),
      queue: queue('Lets calls wait for room. Left out, they are refused at once with `retry-after`.').optional(),
    })
    .refine(
      (given) => rateUnits.some((unit) => given[unit] !== undefined),
      `must have one of requests, tokens, inputTokens, outputTokens, concurrency`,
    ),
  'A rate limit.',
);
const rateUnits = ['requests', 'tokens', 'inputTokens', 'outputTokens', 'concurrency'] as const;

const contextBudget = option(
  z.strictObject({
    name: ruleName,
    match,
    maxInputTokens: option(z.int().min(1).max(1e9), 'Largest prompt, by estimate.', { unit: 'tokens' }),
  }),
  'A context budget.',
);

const unique = (rules: readonly { readonly name: string }[]): boolean => new Set(rules.map(({ name }) => name)).size === rules.length;
const named = <S extends z.ZodType<{ readonly name: string }>>(rule: S, description: string) =>
  option(z.array(rule).max(maxRules).refine(unique, 'two entries have the same name'), description).default([]);

export const budgetsOption = named(
  budgetOption,
  'Budgets in money or tokens. All that are for a call must have room for the most it can use.',
);
export const rateLimitsOption = named(rateLimitOption, 'Limits of requests, tokens and calls at one time.');
export const contextBudgetsOption = named(
  contextBudget,
  'Largest prompts. A longer one is refused with the error `context_length_exceeded`, upon which agents shorten the conversation.',
);

const runs = group('Budgets that a client sets by header for its own task or session.', {
  enabled: flag('Whether `x-modicum-budget-usd` and `x-modicum-budget-tokens` are taken. Otherwise a call with one is refused.', true),
  maxUsd: usd('The most a header can set; a higher one counts as this.').optional(),
  maxTokens: tokens('The most a header can set; a higher one counts as this.').optional(),
});

const adaptive = group(
  'Slows down for providers that answer 429: fewer calls at one time, none until their `retry-after`; then more again, call by call.',
  {
    enabled: flag('Whether it does.', false),
    maxQueued: whole('Calls that wait for one deployment at most.', { unit: 'calls', max: 100_000, default: 100 }),
    maxWaitMs: whole('How long one waits at most; a provider that asks for more gets no calls until then.', {
      unit: 'ms',
      max: 10 * minute,
      default: 10 * second,
    }),
  },
);

export const allowanceOptions = group('How budgets and limits reckon, and what they do without their store.', {
  inputMargin: option(
    z.number().min(1).max(10),
    'A prompt is reserved as its estimate times this, where that is less than its bytes. Left out: as its bytes, which no prompt is more tokens than. With 2, of 1,762 recorded calls of agents 2 used more than was reserved.',
  ).optional(),
  outputTokens: whole('Reserved for an answer when the call sets no limit; less where the model can give less.', {
    unit: 'tokens',
    min: 1,
    max: 1e7,
    default: 8192,
  }),
  capOutput: flag('Send that number as the limit of calls that set none, so that no call can use more than was reserved.', false),
  unpricedUsdPerMillionTokens: usd('Counted for models whose price is not known. Left out, a budget in money refuses them.').optional(),
  thresholds: option(z.array(z.int().min(1).max(1000)).max(16), 'Marks of a budget at which it is told, in percent.').default([
    50, 80, 100,
  ]),
  passthrough: choice('Whether calls that are not metered (`/passthrough/`) go past budgets that refuse.', ['refuse', 'allow'], 'refuse'),
  onUnavailable: choice('Store away: `refuse` at once, or spend the `lease` to its end first.', ['refuse', 'lease'], 'lease'),
  leaseTtlMs: whole('How long a lease of a process that has died stays held.', {
    unit: 'ms',
    min: 2 * second,
    max: hour,
    default: 30 * second,
  }),
  processes: whole(
    'Gateway processes that share the store, about: each leases half of its share of what is free at a time. For Redis and Postgres.',
    { unit: 'processes', min: 1, max: 10_000, default: 4 },
  ),
  statementMs: whole('How often what was spent is told to the store.', { unit: 'ms', min: 50, max: minute, default: second }),
  refreshMs: whole('How often budgets and limits made by command are looked for, where another machine may have made them.', {
    unit: 'ms',
    min: 100,
    max: minute,
    default: second,
  }),
  runs,
  adaptive,
});
