import type { Command, CommandOption } from '../command.ts';
import { config, data, json, runningGateway } from './options.ts';

const keyOptions: readonly CommandOption[] = [
  {
    name: '--model',
    type: 'list',
    description: 'Models it may call, by name or provider/model; `gpt-5*` for all that begin so. Several times, or with commas.',
  },
  { name: '--provider', type: 'list', description: 'Providers its calls may go to.' },
  { name: '--app', type: 'list', description: 'Apps it may call for.' },
  { name: '--feature', type: 'list', description: 'Features it may call for.' },
  { name: '--network', type: 'list', description: 'Networks it may be used from, such as 10.0.0.0/8.' },
  { name: '--team', type: 'text', description: 'Team of its calls, whatever they say.' },
  { name: '--user', type: 'text', description: 'User of its calls, whatever they say.' },
  { name: '--default-app', type: 'text', description: 'App of its calls that name none.' },
  { name: '--default-feature', type: 'text', description: 'Feature of its calls that name none.' },
  { name: '--expires', type: 'text', description: 'When it ends: 90d, 2027-01-31, or never.' },
  { name: '--budget-usd', type: 'text', description: 'What it may spend, in USD.' },
  { name: '--budget-tokens', type: 'number', description: 'What it may use, in tokens.' },
  { name: '--budget-window', type: 'text', description: 'Over which time: day, week, month, rolling:24h ... Default: month.' },
  { name: '--requests-per-minute', type: 'number', description: 'Calls a minute.' },
  { name: '--tokens-per-minute', type: 'number', description: 'Tokens a minute.' },
  { name: '--concurrency', type: 'number', description: 'Calls at one time.' },
  { name: '--unlimited', type: 'flag', default: false, description: 'With `update`: takes its budget and rate limits away.' },
  { name: '--name', type: 'text', description: 'With `update`: another name.' },
  { name: '--overlap', type: 'text', description: 'With `rotate`: how long the former secret goes on, 0s for not at all. Default: 24h.' },
];

const ruleMatch: CommandOption = {
  name: '--match',
  type: 'list',
  description:
    'Calls it is for, as KEY=VALUE: app, key, team, user, feature, task, session, model or tag.NAME; `*` for a counter each. Several times.',
};
const ruleQueue: readonly CommandOption[] = [
  { name: '--queue-max', type: 'number', description: 'Calls that wait for room at most.' },
  { name: '--queue-ms', type: 'number', description: 'How long one waits at most, ms.' },
];

/** Who may do what, and who is told. */
export const guards: readonly Command[] = [
  {
    name: 'budgets',
    summary: 'Show how the budgets of a running gateway stand, add, change and remove some, or change what they have counted.',
    usage:
      'modicum budgets [list|rules|add NAME|update NAME|remove NAME|reset NAME [SUBJECT]|set NAME SPENT [SUBJECT]] [options] [--url URL] [--json]',
    words: { least: 0, most: 4 },
    options: [
      ruleMatch,
      { name: '--usd', type: 'text', description: 'How much, in USD.' },
      { name: '--tokens', type: 'number', description: 'How much, in tokens.' },
      {
        name: '--window',
        type: 'text',
        description: 'Over which time: call, minute, hour, day, week, month, total, rolling:24h. Default: month.',
      },
      { name: '--time-zone', type: 'text', description: 'Where days, weeks and months begin. Default: UTC.' },
      { name: '--action', type: 'text', description: 'Without room: refuse, downgrade, defer or notify. Default: refuse.' },
      { name: '--downgrade-to', type: 'text', description: 'The cheaper model, for downgrade.' },
      ...ruleQueue,
      runningGateway,
      json,
    ],
    examples: [
      { command: 'modicum budgets', description: 'Spent, held, left, when it resets, and when it will be spent if this goes on' },
      {
        command: 'modicum budgets add search --match team=search --usd 500 --window month',
        description: 'A budget that holds at once, in all processes, and after a restart',
      },
      { command: 'modicum budgets update search --usd 800', description: 'Another limit; what was counted stays' },
      { command: 'modicum budgets rules', description: 'All budgets as rules, and whether the configuration or a command made them' },
      { command: 'modicum budgets reset monthly team=search', description: 'Begin anew with one counter' },
      { command: 'modicum budgets set monthly 12.50 team=search', description: 'Say what was spent, in USD' },
    ],
    load: () => import('../commands/budgets.ts'),
  },
  {
    name: 'limits',
    summary: 'Show the rate limits of a running gateway, or add, change and remove some.',
    usage: 'modicum limits [rules|add NAME|update NAME|remove NAME] [options] [--url URL] [--json]',
    words: { least: 0, most: 2 },
    options: [
      ruleMatch,
      { name: '--requests', type: 'number', description: 'Calls in the time of --per.' },
      { name: '--tokens', type: 'number', description: 'Tokens in and out in that time.' },
      { name: '--input-tokens', type: 'number', description: 'Tokens in.' },
      { name: '--output-tokens', type: 'number', description: 'Tokens out.' },
      { name: '--concurrency', type: 'number', description: 'Calls at one time.' },
      { name: '--per', type: 'text', description: 'minute or hour. Default: minute.' },
      ...ruleQueue,
      runningGateway,
      json,
    ],
    examples: [
      { command: 'modicum limits add each-user --match "user=*" --requests 60 --concurrency 4', description: 'For each user by itself' },
      { command: 'modicum limits update each-user --requests 120', description: 'More, from now on' },
    ],
    load: () => import('../commands/limits.ts'),
  },
  {
    name: 'alerts',
    summary: 'Show the alerts of a running gateway and how they stand, try their channels, or show what was told.',
    usage: 'modicum alerts [list|test NAME|silence NAME TIME|history] [--url URL] [--json]',
    words: { least: 0, most: 3 },
    options: [
      {
        name: '--url',
        type: 'text',
        default: 'http://127.0.0.1:4000',
        description: 'The gateway. Its admin token is taken from MODICUM_ADMIN_TOKEN.',
      },
      json,
    ],
    examples: [
      { command: 'modicum alerts', description: 'All alerts, what fires, and since when' },
      { command: 'modicum alerts test spend', description: 'Send a test message to each channel of one alert' },
      { command: 'modicum alerts silence spend 4h', description: 'Tell nothing of it for four hours; 0 ends that' },
    ],
    load: () => import('../commands/alerts.ts'),
  },
  {
    name: 'keys',
    summary: 'Make, list, rotate, revoke or change virtual keys: who may call, and what.',
    usage: 'modicum keys create|list|rotate|revoke|update [KEY] [options] [--url URL] [--json]',
    words: { least: 0, most: 2 },
    options: [
      ...keyOptions,
      {
        name: '--url',
        type: 'text',
        description: 'A running gateway to ask. Left out: its store is changed, and it sees that within a second.',
      },
      {
        name: '--token',
        type: 'text',
        description: 'Admin token for `--url`. Better: MODICUM_ADMIN_TOKEN, which other users of the machine do not see.',
      },
      json,
      data,
      config,
    ],
    examples: [
      { command: 'modicum keys create support --team care --app support --budget-usd 50', description: 'A key of one app, 50 USD a month' },
      {
        command: 'modicum keys create ci --model "gpt-5-mini*" --network 10.0.0.0/8 --expires 90d',
        description: 'Some models, one network, 90 days',
      },
      { command: 'modicum keys rotate support --overlap 2d', description: 'A new secret; the former one goes on for two days' },
      { command: 'modicum keys update support --model ""', description: 'Takes a scope away' },
    ],
    load: () => import('../commands/keys.ts'),
  },
];
