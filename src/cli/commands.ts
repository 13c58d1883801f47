import type { Command, CommandOption } from './command.ts';

const config: CommandOption = {
  name: '--config',
  type: 'path',
  description: 'Configuration file. Left out: the first of modicum.yaml, .yml, .json, .ts, .mjs here.',
};
const data: CommandOption = {
  name: '--data',
  type: 'path',
  description: 'Data directory of the ledger. Default: as configured, else .modicum. A gateway may be running on it.',
};
const json: CommandOption = { name: '--json', type: 'flag', default: false, description: 'Print exact data as JSON.' };
const since: CommandOption = {
  name: '--since',
  type: 'time',
  description: 'From this time on: 2026-11-25, 2026-11-25T09:30 (UTC), today, yesterday, 24h, 7d.',
};
const until: CommandOption = { name: '--until', type: 'time', description: 'Before this time, in the same forms.' };
const filter: CommandOption = {
  name: '--filter',
  type: 'list',
  description: 'Only calls with KEY=VALUE; several must all hold. An empty value means "not set".',
};

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

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  {
    name: 'serve',
    summary: 'Run the gateway. Without configuration or keys the built-in emulator answers.',
    usage: 'modicum serve [--config FILE] [--port N] [--host HOST] [--data DIR] [--emulator]',
    options: [
      config,
      { name: '--port', type: 'number', description: 'Port to listen on; 0 takes any free one. Default: as configured, else 4000.' },
      { name: '--host', type: 'text', description: 'Address to listen on. Default: as configured, else 127.0.0.1.' },
      { name: '--data', type: 'path', description: 'Data directory. Default: as configured, else .modicum.' },
      { name: '--emulator', type: 'flag', default: false, description: 'Serve with the emulator, though there are providers.' },
    ],
    examples: [
      { command: 'modicum serve', description: 'Whatever is found here: configuration, keys, local servers, else the emulator' },
      { command: 'modicum serve --config prod.yaml --port 8080', description: 'A file and another port' },
    ],
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'report',
    summary: 'Show cost and tokens by model, app, user, part of the prompt and more.',
    usage: 'modicum report [--by KEY[,KEY]] [--since TIME] [--until TIME] [--filter KEY=VALUE]... [--json|--csv] [--data DIR]',
    options: [
      {
        name: '--by',
        type: 'text',
        default: 'model',
        description:
          'model, provider, app, feature, user, key, session, task, team, client, day, hour, api, outcome, part, tag:NAME; several with commas.',
      },
      since,
      until,
      filter,
      { name: '--limit', type: 'number', default: 40, description: 'Rows in the table; 0 shows all. JSON and CSV have all.' },
      json,
      { name: '--csv', type: 'flag', default: false, description: 'Print exact rows as CSV.' },
      data,
      config,
    ],
    examples: [
      { command: 'modicum report --by app --since 7d', description: 'What each app cost in the last week' },
      { command: 'modicum report --by part --filter app=support', description: 'Where the input tokens of one app go' },
      { command: 'modicum report --by day,model --json', description: 'Exact figures for a program' },
    ],
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'tail',
    summary: 'Follow calls as they are recorded.',
    usage: 'modicum tail [--since TIME] [--until TIME] [--filter KEY=VALUE]... [--limit N] [--no-follow] [--json] [--data DIR]',
    options: [
      since,
      until,
      filter,
      { name: '--limit', type: 'number', description: 'Calls shown before following. Default: 20, or all since the time given.' },
      { name: '--follow', type: 'flag', default: true, description: 'Go on with new calls; --no-follow ends after those that are there.' },
      { ...json, description: 'One whole record a line, as JSON.' },
      data,
      config,
    ],
    examples: [
      { command: 'modicum tail --filter app=support', description: 'Watch one app' },
      { command: 'modicum tail --since today --no-follow --json', description: "Today's records for a program" },
    ],
    load: () => import('./commands/tail.ts'),
  },
  {
    name: 'savings',
    summary: 'Show what each saving claims, what it does by the hold-out, and whether it pays.',
    usage: 'modicum savings [report|resume STAGE] [--by stage|app] [--since TIME] [--until TIME] [--json] [--data DIR] [--url URL]',
    words: { least: 0, most: 2 },
    options: [
      { name: '--by', type: 'text', default: 'stage', description: 'stage or app.' },
      since,
      until,
      {
        name: '--url',
        type: 'text',
        default: 'http://127.0.0.1:4000',
        description: 'For `resume`: the gateway. Its admin token is taken from MODICUM_ADMIN_TOKEN.',
      },
      json,
      data,
      config,
    ],
    examples: [
      { command: 'modicum savings --since 7d', description: 'Claims, measured effects with their intervals, and verdicts' },
      { command: 'modicum savings resume prompt-cache', description: 'Switch on again what had switched itself to observe' },
    ],
    load: () => import('./commands/savings.ts'),
  },
  {
    name: 'budgets',
    summary: 'Show how the budgets of a running gateway stand, or change what they have counted.',
    usage: 'modicum budgets [list|reset NAME [SUBJECT]|set NAME SPENT [SUBJECT]] [--url URL] [--json]',
    words: { least: 0, most: 4 },
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
      { command: 'modicum budgets', description: 'Spent, held, left, when it resets, and when it will be spent if this goes on' },
      { command: 'modicum budgets reset monthly team=search', description: 'Begin anew with one counter' },
      { command: 'modicum budgets set monthly 12.50 team=search', description: 'Say what was spent, in USD' },
    ],
    load: () => import('./commands/budgets.ts'),
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
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'prices',
    summary: 'List prices, or explain those of one model.',
    usage: 'modicum prices [MODEL] [--provider NAME] [--at TIME] [--json] [--config FILE]',
    words: { least: 0, most: 1 },
    options: [
      { name: '--provider', type: 'text', description: 'Prices at this provider. Default: at the vendors themselves.' },
      { name: '--at', type: 'time', description: 'Prices in force at this time. Default: now.' },
      json,
      config,
    ],
    examples: [
      { command: 'modicum prices claude-sonnet-4-5', description: 'Rates, tiers, modifiers, source and date of one model' },
      { command: 'modicum prices gemini', description: 'Models whose name holds a text' },
    ],
    load: () => import('./commands/prices.ts'),
  },
  {
    name: 'models',
    summary: 'List models, or show what one takes: limits, input, settings, prices.',
    usage: 'modicum models [MODEL] [--provider NAME] [--json] [--config FILE]',
    words: { least: 0, most: 1 },
    options: [
      { name: '--provider', type: 'text', description: 'Models at this provider. Default: at the vendors themselves.' },
      json,
      config,
    ],
    examples: [
      {
        command: 'modicum models claude-opus-5-5',
        description: 'Limits, input, tools, thinking, refused settings and prices of one model',
      },
      { command: 'modicum models --provider google', description: 'All models of one provider' },
    ],
    load: () => import('./commands/models.ts'),
  },
  {
    name: 'reprice',
    summary: 'Price recorded calls anew, by the catalog and the configuration of now.',
    usage: 'modicum reprice [--since TIME] [--until TIME] [--model MODEL] [--dry-run] [--json] [--data DIR] [--config FILE]',
    options: [
      since,
      until,
      { name: '--model', type: 'text', description: 'Only calls of this model, as the reply named it.' },
      { name: '--dry-run', type: 'flag', default: false, description: 'Show the difference and store nothing.' },
      json,
      data,
      config,
    ],
    examples: [{ command: 'modicum reprice --model my-model --dry-run', description: 'See what a new price in modicum.yaml changes' }],
    load: () => import('./commands/reprice.ts'),
  },
  {
    name: 'routes',
    summary: 'Show the rules that choose models, or which of them fires for a request, and why.',
    usage: 'modicum routes [list|test REQUEST.json] [--header NAME:VALUE]... [--json] [--config FILE]',
    words: { least: 0, most: 2 },
    options: [
      { name: '--header', type: 'list', description: 'Header of the request as NAME:VALUE, such as x-modicum-app:support. Several times.' },
      { name: '--api', type: 'text', description: 'chat, messages, responses or generate. Default: by the keys of the body.' },
      { name: '--model', type: 'text', description: "Model that stands in the URL, for Google's API." },
      { name: '--key', type: 'text', description: 'Virtual key of the call, by id.' },
      { name: '--at', type: 'time', description: 'When the call arrives. Default: now.' },
      { name: '--budget-left', type: 'list', description: 'What is left of a budget, as BUDGET=PERCENT. Several times.' },
      json,
      config,
    ],
    examples: [
      { command: 'modicum routes', description: 'All rules and aliases' },
      {
        command: 'modicum routes test request.json --header x-modicum-app:support',
        description: 'Every condition of every rule with its verdict',
      },
    ],
    load: () => import('./commands/routes.ts'),
  },
  {
    name: 'config',
    summary: 'Check the configuration, print it complete, or print its JSON Schema.',
    usage: 'modicum config check|print|schema [--config FILE] [--json]',
    words: { least: 1, most: 1 },
    options: [config, { ...json, description: 'Print the result of `check` or `print` as JSON.' }],
    examples: [
      { command: 'modicum config check', description: 'Every error with its line' },
      { command: 'modicum config print', description: 'The options in effect, secrets masked' },
    ],
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'init',
    summary: 'Write a commented configuration to begin with.',
    usage: 'modicum init [FILE] [--force]',
    words: { least: 0, most: 1 },
    options: [{ name: '--force', type: 'flag', default: false, description: 'Write over a file that is there.' }],
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'emulate',
    summary: 'Run the provider emulator alone: the three APIs without a model, with its own bill.',
    usage: 'modicum emulate [--port N] [--fault NAME:PROBABILITY]... [--seed N] [--json]',
    options: [
      { name: '--port', type: 'number', default: 4100, description: 'Port on 127.0.0.1; 0 takes any free one.' },
      { name: '--first-byte-ms', type: 'number', default: 0, description: 'Wait before the first byte of a reply.' },
      { name: '--between-chunks-ms', type: 'number', default: 0, description: 'Wait between two chunks of a stream.' },
      { name: '--chunk-tokens', type: 'number', default: 8, description: 'Words in one chunk of a stream.' },
      { name: '--fault', type: 'list', description: 'A fault and its chance, such as reset-mid-stream:0.05 or status-429:0.1.' },
      { name: '--seed', type: 'number', default: 0, description: 'Same seed, same replies and faults.' },
      { ...json, description: 'Print the bill as JSON at the end.' },
    ],
    examples: [
      { command: 'modicum emulate --fault status-529:0.1 --first-byte-ms 300', description: 'A slow provider that is often busy' },
    ],
    load: () => import('./commands/emulate.ts'),
  },
  {
    name: 'replay',
    summary: 'Send recorded conversations through a running gateway, turn by turn.',
    usage: 'modicum replay FILE|samples [--url URL] [--api chat|messages|responses|generate] [--model MODEL] [--limit N] [--concurrency N]',
    words: { least: 1, most: 1 },
    options: [
      { name: '--url', type: 'text', default: 'http://127.0.0.1:4000', description: 'The gateway.' },
      { name: '--api', type: 'text', description: 'chat, messages, responses or generate. Default: as recorded, else chat.' },
      { name: '--model', type: 'text', description: 'Model to ask for. Default: as recorded, else one of the API.' },
      { name: '--app', type: 'text', description: 'App to book the calls under. Default: as recorded, else replay.' },
      { name: '--stream', type: 'flag', description: 'Ask for streams; --no-stream for whole replies. Default: as recorded, else whole.' },
      {
        name: '--cache',
        type: 'flag',
        description: 'Mark prompts for the cache where the API wants marks. Default: as recorded, else not.',
      },
      { name: '--limit', type: 'number', description: 'Conversations sent at most. Default: all.' },
      { name: '--concurrency', type: 'number', default: 4, description: 'Conversations under way at one time.' },
      { ...json, description: 'Print the summary as JSON.' },
    ],
    examples: [
      { command: 'modicum replay samples', description: 'The bundled sample conversations' },
      { command: 'modicum replay transcripts.jsonl.gz --api messages --cache --stream', description: 'A recording, as Claude calls' },
    ],
    load: () => import('./commands/replay.ts'),
  },
];
