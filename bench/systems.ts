import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../scripts/build.ts';
import type { Kit } from './kit.ts';
import { root } from './machine.ts';

/** One gateway under load, as the kit's systems file describes it. */
interface System {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** A bound the kit checks: the metric itself, its quotient with that of `vs`, or its difference (`minus`). */
export interface KitGoal {
  readonly system: string;
  readonly phase?: string;
  readonly metric: string;
  readonly vs?: string;
  readonly minus?: boolean;
  readonly min?: number;
  readonly max?: number;
}

/** Our own configuration: one provider, the mock; the ledger and the meter as they are by default, a price so that calls are priced. */
const config = `# Placeholders in braces are filled in by the load kit.
providers:
  openai:
    protocol: openai
    baseUrl: http://127.0.0.1:{upstream}/v1
    apiKey: sk-bench
models:
  mock-1:
    provider: openai
    prices: { input: "1", output: "2" }
server:
  limits: { shutdownGraceMs: 500 }
logging: { level: warn }
`;

/** The built program when it is as new as its sources, else the sources themselves. */
export function entry(): string {
  const built = join(root, 'dist/cli/main.js');
  const sources = join(root, 'src');
  const newest = (): number =>
    Math.max(...readdirSync(sources, { recursive: true, encoding: 'utf8' }).map((path) => statSync(join(sources, path)).mtimeMs));
  return existsSync(built) && statSync(built).mtimeMs >= newest() ? built : join(root, 'src/cli/main.ts');
}

/** The program as a user gets it, built anew where the build is older than its sources: Node's compiler of sources alone takes 30 MB. */
export async function builtEntry(progress: (line: string) => void): Promise<string> {
  const found = entry();
  if (found.endsWith('.js')) return found;
  progress('building the program');
  const outDir = join(root, 'out/bench');
  await build(outDir);
  return join(outDir, 'cli/main.js');
}

/** Modicum as a user runs it. `nodeFlags` stand before the program. */
export const modicum = (program: string, nodeFlags: readonly string[] = []): System => ({
  name: 'modicum',
  command: ['{node}', ...nodeFlags, program, 'serve', '--config', '{tmp}/modicum.yaml', '--port', '{port}', '--data', '{tmp}/data'],
  files: { 'modicum.yaml': 'modicum.yaml' },
  env: { NODE_ENV: 'production' },
});

/**
 * Seconds under load before a phase is measured for the first time, for all alike. The kit's own 1.2 s are less than the compiler of V8 takes
 * to be done with a program: a gateway runs for weeks, so that what it costs in its first seconds is not what is asked.
 */
const warmUp = { warmup_s: 5 };

const direct: System = { name: 'direct', direct: true };

const nginx: System = {
  name: 'nginx',
  command: ['nginx', '-e', 'stderr', '-p', '{tmp}', '-c', '{tmp}/nginx.conf'],
  files: { 'nginx.conf': 'kit/nginx.conf.tmpl' },
};

/** The floor: bytes through `node:http` and undici, nothing read. `nodeFlags` stand before the program. */
export const bare = (nodeFlags: readonly string[] = []): System => ({
  name: 'bare',
  command: ['{node}', ...nodeFlags, '{kit}/proxies/bare.mjs', '{port}', '{upstream}'],
});

const portkey: System = {
  name: 'portkey',
  command: ['{node}', '{kit}/peers/portkey/node_modules/@portkey-ai/gateway/build/start-server.js', '--port={port}', '--headless'],
  env: { NODE_ENV: 'production' },
  headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': 'http://127.0.0.1:{upstream}/v1' },
  settle_ms: 3000,
};

/** All that the kit can start: peers only when they are installed. */
export const systemsOf = ({ versions }: Kit, program: string): readonly System[] =>
  [direct, ...(versions['nginx'] ? [nginx] : []), bare(), ...(versions['portkey'] ? [portkey] : []), modicum(program)].map((system) => ({
    ...system,
    ...warmUp,
  }));

/** Writes the systems file and what it refers to into the kit's scratch folder; returns its path. */
export function writeSystems(kit: Kit, systems: readonly System[], goals: readonly KitGoal[]): string {
  const file = join(kit.root, 'systems.json');
  writeFileSync(join(kit.root, 'modicum.yaml'), config);
  writeFileSync(file, JSON.stringify({ systems, goals }, undefined, 1));
  return file;
}
