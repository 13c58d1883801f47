import { ConfigError } from '../config/config-error.ts';
import { nearest } from '../config/nearest.ts';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { CliError, exitCodes, usageError, type ExitCode } from './errors.ts';
import { commandHelp, overview } from './help.ts';
import type { Terminal } from './terminal.ts';
import { packageVersion } from './version.ts';

/** Runs one command line; errors become a message on stderr and an exit code. */
export async function runCli(commands: readonly Command[], argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(commands, argv, terminal);
  } catch (error) {
    return reported(error, terminal);
  }
}

async function dispatch(commands: readonly Command[], argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = argv;
  switch (first) {
    case undefined:
      terminal.err(overview(commands, terminal.paintErr));
      return exitCodes.usage;
    case '--version':
    case '-v':
      terminal.out(`${packageVersion()}\n`);
      return exitCodes.ok;
    case 'help':
    case '--help':
    case '-h':
      terminal.out(rest[0] === undefined ? overview(commands, terminal.paint) : commandHelp(named(commands, rest[0]), terminal.paint));
      return exitCodes.ok;
    default:
      return runCommand(named(commands, first), rest, terminal);
  }
}

async function runCommand(command: Command, argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(command, argv);
  if (given.help) {
    terminal.out(commandHelp(command, terminal.paint));
    return exitCodes.ok;
  }
  const { run } = await command.load();
  return run(given, terminal);
}

function named(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const like = nearest(name, names);
  throw usageError(`unknown command "${name}"; ${like ? `did you mean ${like}?` : `there are: ${names.join(', ')}`}`);
}

function reported(error: unknown, { err, paintErr, env }: Terminal): ExitCode {
  const label = paintErr(['bold', 'red'], 'error:');
  if (error instanceof ConfigError) {
    err(`${label} the configuration cannot be used\n${error.message}\n`);
    return exitCodes.config;
  }
  const known = error instanceof CliError;
  const message = error instanceof Error ? (known || !env['MODICUM_DEBUG'] ? error.message : error.stack) : String(error);
  err(`${label} ${message}\n`);
  return known ? error.exitCode : exitCodes.failed;
}
