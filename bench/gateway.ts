import { basename, resolve } from 'node:path';
import type { BenchOptions, Figures } from './bench.ts';
import { parseBenchArgs } from './command-line.ts';
import { short, table, withSpread, type Spread } from './figures.ts';
import { cellsOf, cpuRatios, noiseNotes, type Cells } from './gateway-figures.ts';
import { judged, kitGoals } from './gateway-goals.ts';
import { prepareKit, type Kit } from './kit.ts';
import { runKit, type KitResult } from './load.ts';
import { machine, type Machine } from './machine.ts';
import { builtEntry, systemsOf, writeSystems } from './systems.ts';

export const summary =
  'the whole gateway under load, beside a direct call, nginx, a bare undici proxy and Portkey; about 6 minutes [--rounds --seconds --phases --only --no-peers --program FILE --keep]';

const flags = {
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '2' },
  phases: { type: 'string', default: '1k,20k,200k,sse,lat,paced' },
  only: { type: 'string', default: '.' },
  'no-peers': { type: 'boolean', default: false },
  program: { type: 'string' },
  keep: { type: 'boolean', default: false },
} as const;

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const { 'no-peers': noPeers, keep, program: named, ...options } = parseBenchArgs(args, flags);
  const program = named ?? (await builtEntry(progress));
  const before = machine();
  const kit = prepareKit(kitDir, { peers: !noPeers, progress });
  const result = await runKit(kit, writeSystems(kit, systemsOf(kit, resolve(program)), kitGoals), { options });
  if (keep) progress(`logs and raw results stay in ${kit.root}`);
  else kit.remove();
  return { options, ...figuresOf(result, kit, { before, program }) };
}

function figuresOf(result: KitResult, kit: Kit, { before, program }: { readonly before: Machine; readonly program: string }): Figures {
  const systems = cellsOf(result);
  return {
    versions: { ...kit.versions, program: basename(program) },
    systems,
    memoryMb: result.rss,
    cpuRatios: {
      bare: cpuRatios(result, 'modicum', 'bare'),
      nginx: cpuRatios(result, 'modicum', 'nginx'),
      portkey: cpuRatios(result, 'modicum', 'portkey'),
    },
    goals: judged(result),
    notes: [...kit.notes, ...result.notes.filter((note) => !note.startsWith('goal ')), ...noiseNotes(systems, before)],
  };
}

/** The figures of `run`, as they come back from JSON. */
interface GatewayFigures {
  readonly options: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly systems: Cells;
  readonly memoryMb: KitResult['rss'];
  readonly cpuRatios: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
  readonly notes: readonly string[];
}

const loads = ['1k', '20k', '200k', 'sse'];

export function markdown(figures: Figures): string {
  const { options, versions, systems, memoryMb, cpuRatios, notes } = figures as unknown as GatewayFigures;
  return [
    `${options['rounds']} interleaved rounds of ${options['seconds']} s, 64 connections, 5 s of warm-up for each system and load, one process of each system on one core: median (lowest-highest). ` +
      Object.entries(versions)
        .map((pair) => pair.join(' '))
        .join(', '),
    'CPU microseconds per request, whole process tree:',
    perPhase(systems, loads, ({ cpuUs }) => withSpread(cpuUs)),
    'Requests per second (streams per second for `sse`):',
    perPhase(systems, loads, ({ requestsPerSecond }) => short(requestsPerSecond?.median)),
    "CPU of Modicum as a multiple of the other's, round by round; below 1 Modicum is cheaper:",
    table(
      ['against', ...loads],
      Object.entries(cpuRatios).map(([reference, ratios]) => [reference, ...loads.map((phase) => withSpread(ratios[phase]))]),
    ),
    'Latency in ms at a fixed rate, and resident memory:',
    timing(systems, memoryMb),
    notes.map((note) => `- ${note}`).join('\n'),
  ].join('\n\n');
}

const perPhase = (systems: Cells, phases: readonly string[], show: (cell: Cells[string][string]) => string): string =>
  table(
    ['system', ...phases],
    Object.entries(systems).map(([system, cells]) => [system, ...phases.map((phase) => show(cells[phase] ?? {}))]),
  );

const timing = (systems: Cells, memoryMb: KitResult['rss']): string =>
  table(
    ['system', '20 KB p50', '20 KB p99', 'stream first byte p50', 'stream first byte p99', 'MB idle', 'MB after load'],
    Object.entries(systems).map(([system, { lat, paced }]) => [
      system,
      withSpread(lat?.p50Ms),
      withSpread(lat?.p99Ms),
      withSpread(paced?.firstByteP50Ms),
      withSpread(paced?.firstByteP99Ms),
      short(memoryMb[system]?.idle),
      short(memoryMb[system]?.after ?? undefined),
    ]),
  );
