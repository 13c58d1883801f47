import type { Command, CommandOption } from './command.ts';

const config: CommandOption = {
  name: '--config',
  type: 'path',
  description: 'Configuration file. Left out: the first of modicum.yaml, .yml, .json, .ts, .mjs here.',
};

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
];
