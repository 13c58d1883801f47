import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearest } from '../config/nearest.ts';
import type { Command, CommandOption } from './command.ts';
import { usageError } from './errors.ts';

/** What was given to a command; each option by its name without the dashes. */
export interface Arguments {
  readonly words: readonly string[];
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  list(name: string): readonly string[];
  /** @throws a usage error when it is no number >= 0 */
  number(name: string): number | undefined;
  /** A whole number of at least 0. @throws a usage error */
  whole(name: string): number | undefined;
}

type Value = string | boolean | readonly (string | boolean)[] | undefined;

const helpOption: CommandOption = { name: '--help', type: 'flag', description: 'Show this help.' };

/** @throws a usage error that names what is wrong and what may be meant */
export function parseArguments(command: Command, argv: readonly string[]): Arguments & { readonly help: boolean } {
  const options = parserOptions([...command.options, helpOption]);
  refuseUnknown(command, argv, options);
  const { values, positionals } = parsed({ args: [...argv], options, allowPositionals: true, allowNegative: true, strict: true });
  const help = values['help'] === true;
  if (!help) checkWords(command, positionals);
  return { ...argumentsOf(values, positionals), help };
}

type ParserOptions = NonNullable<ParseArgsConfig['options']>;

const bare = (name: string): string => name.slice(2);

const parserOptions = (options: readonly CommandOption[]): ParserOptions => ({
  ...Object.fromEntries(
    options.map(({ name, type }) => [bare(name), { type: type === 'flag' ? 'boolean' : 'string', multiple: type === 'list' } as const]),
  ),
  help: { type: 'boolean', short: 'h', multiple: false },
});

function refuseUnknown(command: Command, argv: readonly string[], options: ParserOptions): void {
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, allowNegative: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || isKnown(token.rawName, options)) continue;
    const names = Object.keys(options).map((name) => `--${name}`);
    const like = nearest(token.rawName, names);
    const hint = like ? `did you mean ${like}?` : `see \`modicum help ${command.name}\``;
    throw usageError(`${command.name}: unknown option ${token.rawName}; ${hint}`);
  }
}

function isKnown(rawName: string, options: ParserOptions): boolean {
  if (rawName === '-h') return true;
  if (!rawName.startsWith('--')) return false;
  const name = bare(rawName);
  return Object.hasOwn(options, name) || (name.startsWith('no-') && options[name.slice(3)]?.type === 'boolean');
}

function parsed<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence] = (error as Error).message.split('\n', 1);
    throw usageError(sentence!.replace(/\.? ?To specify.*$/, ''));
  }
}

function checkWords({ name, words = { least: 0, most: 0 }, usage }: Command, given: readonly string[]): void {
  if (given.length > words.most) throw usageError(`${name}: unexpected argument "${given[words.most]}"; usage: ${usage}`);
  if (given.length < words.least) throw usageError(`${name}: something is missing; usage: ${usage}`);
}

function argumentsOf(values: Readonly<Record<string, Value>>, words: readonly string[]): Arguments {
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const number = (name: string): number | undefined => {
    const written = text(name);
    if (written === undefined) return undefined;
    if (!/^\d+(\.\d+)?$/.test(written)) throw usageError(`--${name}: "${written}" is not a number of at least 0`);
    return Number(written);
  };
  return {
    words,
    text,
    number,
    flag: (name) => (typeof values[name] === 'boolean' ? values[name] : undefined),
    list: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    whole: (name) => {
      const value = number(name);
      if (value !== undefined && !Number.isSafeInteger(value)) throw usageError(`--${name}: "${text(name)}" is not a whole number`);
      return value;
    },
  };
}
