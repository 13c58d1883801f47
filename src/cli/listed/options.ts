import type { CommandOption } from '../command.ts';

/* Options that several commands have. */

export const config: CommandOption = {
  name: '--config',
  type: 'path',
  description: 'Configuration file. Left out: the first of modicum.yaml, .yml, .json, .ts, .mjs here.',
};
export const data: CommandOption = {
  name: '--data',
  type: 'path',
  description: 'Data directory of the ledger. Default: as configured, else .modicum. A gateway may be running on it.',
};
export const json: CommandOption = { name: '--json', type: 'flag', default: false, description: 'Print exact data as JSON.' };
export const since: CommandOption = {
  name: '--since',
  type: 'time',
  description: 'From this time on: 2026-11-25, 2026-11-25T09:30 (UTC), today, yesterday, 24h, 7d.',
};
export const until: CommandOption = { name: '--until', type: 'time', description: 'Before this time, in the same forms.' };
export const filter: CommandOption = {
  name: '--filter',
  type: 'list',
  description: 'Only calls with KEY=VALUE; several must all hold. An empty value means "not set".',
};

export const runningGateway: CommandOption = {
  name: '--url',
  type: 'text',
  default: 'http://127.0.0.1:4000',
  description: 'The gateway. Its admin token is taken from MODICUM_ADMIN_TOKEN.',
};
