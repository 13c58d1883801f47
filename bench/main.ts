/**
 * `npm run -s bench -- NAME [--data DIR] [--kit DIR] [--json] [options of the bench]` runs one bench; without a name the benches are listed.
 * Exit status: 0, 1 when a goal was missed, 2 when the command line is wrong, 3 when the bench could not run.
 */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goalsOf, missed, type Bench, type Figures } from './bench.ts';
import { CommandLineError, parseCommandLine } from './command-line.ts';
import { commit, machine, ownVersion } from './machine.ts';
import { describe, goalTable } from './markdown.ts';
import { benches } from './registry.ts';

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/** Names and summaries of all benches. */
async function list(): Promise<string> {
  const names = Object.entries(benches);
  const width = Math.max(...names.map(([name]) => name.length));
  const lines = await Promise.all(names.map(async ([name, load]) => `  ${name.padEnd(width)}  ${(await load()).summary}`));
  return ['npm run -s bench -- NAME [--data DIR] [--kit DIR] [--json]', '', ...lines].join('\n');
}

function text(bench: Bench, figures: Figures): string {
  const goals = goalsOf(figures);
  return [(bench.markdown ?? describe)(figures), ...(goals.length > 0 ? [goalTable(goals)] : [])].join('\n\n');
}

async function run(argv: readonly string[]): Promise<number> {
  const { name, data, kit, json, args } = parseCommandLine(argv);
  if (name === undefined) return print(await list());
  const load = benches[name];
  if (!load) throw new CommandLineError(`no bench is called "${name}"; there are: ${Object.keys(benches).join(', ')}`);
  const bench = await load();
  const before = { bench: name, date: new Date().toISOString(), version: ownVersion(), commit: commit(), machine: machine() };
  const found = await bench.run({ dataDir: resolve(data), kitDir: resolve(kit), json, progress, args });
  const figures = { ...before, ...found };
  print(json ? JSON.stringify(figures) : text(bench, figures));
  return missed(figures) ? 1 : 0;
}

function print(output: string): 0 {
  process.stdout.write(`${output}\n`);
  return 0;
}

function failed(error: unknown): number {
  if (error instanceof CommandLineError) progress(error.message);
  else progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return error instanceof CommandLineError ? 2 : 3;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await run(process.argv.slice(2)).catch(failed);
}
