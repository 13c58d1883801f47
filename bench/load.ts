import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Kit } from './kit.ts';
import { root } from './machine.ts';
import type { KitGoal } from './systems.ts';

/** One measurement of the kit; times in ms, CPU in microseconds per request. */
export interface KitRun {
  readonly round: number;
  readonly phase: string;
  readonly system: string;
  readonly error?: string;
  readonly rps?: number;
  readonly cpu_us?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly ttfb50?: number;
  readonly ttfb99?: number;
}

/** What the kit writes to `result.json`, as far as it is read here. */
export interface KitResult {
  readonly rss: Readonly<Record<string, { readonly idle?: number; readonly after?: number | null }>>;
  readonly goals: readonly (KitGoal & { readonly value: number | null })[];
  readonly notes: readonly string[];
  readonly runs: readonly KitRun[];
}

/** Node of the package `node`, so that every Node system runs on the version Modicum is developed on. */
const pinnedNode = (): string => {
  const path = join(root, 'node_modules/node/bin/node');
  return existsSync(path) ? path : process.execPath;
};

interface RunOptions {
  /** Options of the kit's driver, without their dashes. */
  readonly options: Readonly<Record<string, string>>;
  /** Sees what the kit reports, line by line, as it goes on to stderr. */
  readonly onLine?: (line: string) => void;
}

/** Runs the kit to its end on a systems file. @throws when it wrote no result. */
export async function runKit(kit: Kit, systems: string, { options, onLine }: RunOptions): Promise<KitResult> {
  const out = join(kit.root, 'out');
  const flags = Object.entries({ node: pinnedNode(), out, ...options }).flatMap(([flag, value]) => [`--${flag}`, value]);
  const child = spawn(process.execPath, [join(kit.dir, 'bench.mjs'), systems, ...flags], { stdio: ['ignore', 2, 'pipe'] });
  createInterface(child.stderr!).on('line', (line) => {
    process.stderr.write(`${line}\n`);
    onLine?.(line);
  });
  const end = (): void => void child.kill('SIGTERM'); // the kit ends what it started
  process.once('exit', end).once('SIGINT', end).once('SIGTERM', end);
  const status = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  process.off('exit', end).off('SIGINT', end).off('SIGTERM', end);
  const file = join(out, 'result.json');
  if (!existsSync(file)) throw new Error(`the load kit ended with status ${status} and no result; its logs are in ${out}`);
  return JSON.parse(readFileSync(file, 'utf8')) as KitResult;
}
