import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchOptions, Figures } from './bench.ts';
import { parseBenchArgs } from './command-line.ts';
import { root } from './machine.ts';
import { benches } from './registry.ts';
import { page, type Section } from './report.ts';

export const summary =
  'runs the benches and writes docs/benchmarks.md [--only a,b] [--save DIR] [--from DIR: saved results instead of runs]';

/** Benches that are no part of the page. */
const leftOut = new Set(['docs', 'profile']);

export async function run({ dataDir, kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const flags = { only: { type: 'string' }, save: { type: 'string' }, from: { type: 'string' }, out: { type: 'string' } } as const;
  const { only, save, from, out = join(root, 'docs/benchmarks.md') } = parseBenchArgs(args, flags);
  const names = Object.keys(benches).filter((name) => !leftOut.has(name) && (only === undefined || only.split(',').includes(name)));
  const folder = from ?? save ?? mkdtempSync(join(tmpdir(), 'modicum-bench-docs-'));
  mkdirSync(folder, { recursive: true });
  if (from === undefined) for (const name of names) await runApart(name, { dataDir, kitDir, file: join(folder, `${name}.json`), progress });
  const sections = await sectionsOf(names, folder);
  if (from === undefined && save === undefined) rmSync(folder, { recursive: true });
  mkdirSync(join(out, '..'), { recursive: true });
  writeFileSync(out, page(sections));
  return { written: sections.map(({ name }) => name), goals: sections.flatMap(({ figures }) => figures['goals'] ?? []) };
}

interface Apart {
  readonly dataDir: string;
  readonly kitDir: string;
  readonly file: string;
  readonly progress: (line: string) => void;
}

/** In a process of its own: compiled code and heap of one bench must not colour the next. Keeps the figures also when a goal was missed. */
async function runApart(name: string, { dataDir, kitDir, file, progress }: Apart): Promise<void> {
  progress(`bench ${name}`);
  const child = spawn(process.execPath, [join(root, 'bench/main.ts'), name, '--json', '--data', dataDir, '--kit', kitDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  const status = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const text = (await Array.fromAsync(child.stdout as AsyncIterable<string>)).join('');
  if ((await status) !== 0 && (await status) !== 1) throw new Error(`bench ${name} ended with status ${await status}`);
  writeFileSync(file, text);
}

async function sectionsOf(names: readonly string[], folder: string): Promise<readonly Section[]> {
  const saved = names.filter((name) => existsSync(join(folder, `${name}.json`)));
  if (saved.length === 0) throw new Error(`no results of ${names.join(', ')} in ${folder}`);
  return Promise.all(
    saved.map(async (name) => ({
      name,
      bench: await benches[name]!(),
      figures: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Figures,
    })),
  );
}
