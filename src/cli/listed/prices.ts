import type { Command } from '../command.ts';
import { config, data, json, since, until } from './options.ts';

/** Prices, models, and the ledger itself. */
export const prices: readonly Command[] = [
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
    load: () => import('../commands/prices.ts'),
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
    load: () => import('../commands/models.ts'),
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
    load: () => import('../commands/reprice.ts'),
  },
  {
    name: 'ledger',
    summary: 'Delete what is recorded of a user: rows, rollups, whole records, feedback and stored bodies.',
    usage: 'modicum ledger delete --user USER [--dry-run] [--json] [--data DIR] [--config FILE]',
    words: { least: 1, most: 1 },
    options: [
      { name: '--user', type: 'text', description: 'Whose calls go, as their label `user` names them.' },
      { name: '--dry-run', type: 'flag', default: false, description: 'Say how many calls there are, and delete nothing.' },
      json,
      data,
      config,
    ],
    examples: [{ command: 'modicum ledger delete --user ann@example.com', description: 'Here, and in ClickHouse where it is configured' }],
    load: () => import('../commands/ledger.ts'),
  },
];
