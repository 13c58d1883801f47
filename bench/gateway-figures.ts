import { relativeWidth, short, spread, type Spread } from './figures.ts';
import type { KitResult, KitRun } from './load.ts';

/** Figures of one system in one phase, over the rounds. */
export interface Cell {
  readonly cpuUs?: Spread;
  readonly requestsPerSecond?: Spread;
  readonly p50Ms?: Spread;
  readonly p99Ms?: Spread;
  readonly firstByteP50Ms?: Spread;
  readonly firstByteP99Ms?: Spread;
}

/** By system, then by phase. */
export type Cells = Readonly<Record<string, Readonly<Record<string, Cell>>>>;

const metrics = {
  cpuUs: 'cpu_us',
  requestsPerSecond: 'rps',
  p50Ms: 'p50',
  p99Ms: 'p99',
  firstByteP50Ms: 'ttfb50',
  firstByteP99Ms: 'ttfb99',
} as const satisfies Record<keyof Cell, keyof KitRun>;

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** Medians and spread of every system in every phase that was measured without an error. */
export function cellsOf({ runs, rss }: KitResult): Cells {
  const phases = unique(runs.map(({ phase }) => phase));
  const cell = (system: string, phase: string): Cell => {
    const mine = runs.filter((run) => run.system === system && run.phase === phase && run.error === undefined);
    const entries = Object.entries(metrics).map(([name, key]) => [name, spread(mine.map((run) => run[key]))] as const);
    return Object.fromEntries(entries.filter(([, figure]) => figure !== undefined));
  };
  return Object.fromEntries(
    Object.keys(rss).map((system) => [system, Object.fromEntries(phases.map((phase) => [phase, cell(system, phase)]))]),
  );
}

/** CPU of `system` over that of `reference`, round by round, by phase: what disturbs a round disturbs both. */
export function cpuRatios({ runs }: KitResult, system: string, reference: string): Readonly<Record<string, Spread>> {
  const cpu = (name: string, phase: string, round: number): number | undefined =>
    runs.find((run) => run.system === name && run.phase === phase && run.round === round && run.error === undefined)?.cpu_us;
  const ratio = (phase: string, round: number): number => (cpu(system, phase, round) ?? NaN) / (cpu(reference, phase, round) ?? NaN);
  const rounds = [...new Set(runs.map(({ round }) => round))];
  const entries = unique(runs.map(({ phase }) => phase)).map(
    (phase) => [phase, spread(rounds.map((round) => ratio(phase, round)))] as const,
  );
  return Object.fromEntries(entries.flatMap(([phase, figure]) => (figure ? [[phase, figure]] : [])));
}

/** A reference whose own CPU moves more than this between rounds makes its ratios doubtful. */
const calm = 0.15;
const closedLoop = ['1k', '20k', '200k', 'sse'];

/** How far to trust a run, judged by how much its references moved and by what else ran. */
export function noiseNotes(
  cells: Cells,
  { loadBefore, cores }: { readonly loadBefore: number; readonly cores: number },
): readonly string[] {
  const moved = ['direct', 'nginx', 'bare'].flatMap((system) =>
    closedLoop.flatMap((phase) => {
      const figure = cells[system]?.[phase]?.cpuUs;
      return figure && relativeWidth(figure) > calm ? [`${system}/${phase} ${short(100 * relativeWidth(figure))} %`] : [];
    }),
  );
  return [
    ...(moved.length > 0 ? [`noise: CPU of the references moved between rounds by ${moved.join(', ')}`] : []),
    ...(loadBefore > 0.25 * cores ? [`noise: the machine was not idle before the run (load ${short(loadBefore)} on ${cores} cores)`] : []),
  ];
}
