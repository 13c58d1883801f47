import { join } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { root } from './machine.ts';

/** The command line is wrong: exit status 2. */
export class CommandLineError extends Error {}

export interface CommandLine {
  readonly name: string | undefined;
  readonly data: string;
  readonly kit: string;
  readonly json: boolean;
  /** The rest, in order, for the bench. */
  readonly args: readonly string[];
}

/** Options that every bench has; what is not known here is left to the bench. @throws {CommandLineError} */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const common = { name: undefined as string | undefined, json: false, args: [] as string[] };
  const folders = { data: join(root, '../shared/data'), kit: join(root, '../shared/bench') };
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    const [flag, value] = split(word);
    if (word === '--json') common.json = true;
    else if (flag === '--data' || flag === '--kit') folders[flag === '--data' ? 'data' : 'kit'] = value ?? folder(flag, argv[(at += 1)]);
    else if (common.name === undefined && !word.startsWith('-')) common.name = word;
    else if (common.name === undefined) throw new CommandLineError(`${word} needs the name of a bench before it`);
    else common.args.push(word);
  }
  return { ...common, ...folders };
}

function split(word: string): readonly [string, string | undefined] {
  const equals = word.indexOf('=');
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function folder(flag: string, value: string | undefined): string {
  if (value === undefined || value.startsWith('-')) throw new CommandLineError(`${flag} needs a folder`);
  return value;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Options of one bench. @throws {CommandLineError} for any that it does not have. */
export function parseBenchArgs<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    throw new CommandLineError((cause as Error).message, { cause });
  }
}

/** A number above 0 from an option. @throws {CommandLineError} */
export function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new CommandLineError(`--${flag} must be a number above 0, not "${text}"`);
  return value;
}
