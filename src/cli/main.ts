#!/usr/bin/env node
import { commands } from './commands.ts';
import { executeAgainWithSettings } from './execute-again.ts';
import { nodeFault } from './node-version.ts';
import { runCli } from './run.ts';
import { processTerminal } from './terminal.ts';

// `modicum report | head`: the reader has what it wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (stream === process.stdout) process.exit(0);
  });
}

const fault = nodeFault(process.versions.node);
if (fault) process.stderr.write(`error: ${fault}\n`);
if (!fault && process.argv[2] === 'serve') executeAgainWithSettings(process);
process.exitCode = fault ? 1 : await runCli(commands, process.argv.slice(2), processTerminal(process));
