import type { Command } from '../command.ts';
import { config, data, json, since, until } from './options.ts';

/** Configuration, and trying it out. */
export const setup: readonly Command[] = [
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
    load: () => import('../commands/config.ts'),
  },
  {
    name: 'init',
    summary: 'Write a commented configuration to begin with.',
    usage: 'modicum init [FILE] [--force]',
    words: { least: 0, most: 1 },
    options: [{ name: '--force', type: 'flag', default: false, description: 'Write over a file that is there.' }],
    load: () => import('../commands/init.ts'),
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
    load: () => import('../commands/emulate.ts'),
  },
  {
    name: 'replay',
    summary: 'Send recorded conversations through a running gateway, or price recorded traffic under another policy.',
    usage: [
      'modicum replay FILE|samples [--url URL] [--api chat|messages|responses|generate] [--model MODEL] [--limit N] [--concurrency N]',
      'modicum replay --what-if POLICY [FILE|samples] [--since TIME] [--until TIME] [--stages] [--json] [--html FILE] [--config FILE]',
    ].join('\n'),
    words: { least: 0, most: 1 },
    options: [
      {
        name: '--what-if',
        type: 'path',
        description:
          'Part of a configuration: what the recording would have cost under it. Nobody is called. Without FILE the ledger is read.',
      },
      since,
      until,
      { name: '--stages', type: 'flag', default: false, description: 'With --what-if: also the policy without each of its changes.' },
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
      { name: '--html', type: 'path', description: 'With --what-if: also write the report into this file, as one page.' },
      data,
      config,
    ],
    examples: [
      { command: 'modicum replay samples', description: 'The bundled sample conversations' },
      { command: 'modicum replay transcripts.jsonl.gz --api messages --cache --stream', description: 'A recording, as Claude calls' },
      { command: 'modicum replay --what-if policy.yaml --since 7d', description: 'The last week of the ledger under another policy' },
      {
        command: 'modicum replay --what-if policy.yaml ~/.claude/projects --stages',
        description: 'Logs of a coding agent, change by change',
      },
    ],
    load: () => import('../commands/replay.ts'),
  },
];
