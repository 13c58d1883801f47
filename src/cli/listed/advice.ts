import type { Command } from '../command.ts';
import { config, data, filter, json, since, until } from './options.ts';

/** What would be better. */
export const advice: readonly Command[] = [
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
    load: () => import('../commands/routes.ts'),
  },
  {
    name: 'suggest',
    summary: 'Suggest limits of output and thinking out of what was useful so far. Changes nothing.',
    usage: 'modicum suggest limits [--since TIME] [--until TIME] [--filter KEY=VALUE]... [--json] [--data DIR]',
    words: { least: 1, most: 1 },
    options: [since, until, filter, json, data, config],
    examples: [{ command: 'modicum suggest limits --since 30d', description: 'Limits by app, feature and model, with the arithmetic' }],
    load: () => import('../commands/suggest.ts'),
  },
  {
    name: 'recommend',
    summary:
      'What would save money, by what the ledger shows: the dearest first, with the arithmetic and the configuration. Changes nothing.',
    usage: 'modicum recommend [--since TIME] [--until TIME] [--top N] [--json] [--data DIR]',
    words: { least: 0, most: 0 },
    options: [
      since,
      until,
      { name: '--top', type: 'number', description: 'Recommendations told; 0 for all. Default: 10; with --json all.' },
      json,
      data,
      config,
    ],
    examples: [
      { command: 'modicum recommend', description: 'Out of the calls of the last thirty days' },
      { command: 'modicum recommend --since 7d --json', description: 'As GET /api/recommendations tells it' },
    ],
    load: () => import('../commands/recommend.ts'),
  },
];
