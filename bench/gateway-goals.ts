import { judge, type JudgedGoal } from './bench.ts';
import type { KitResult } from './load.ts';
import type { KitGoal } from './systems.ts';

interface NamedGoal {
  readonly name: string;
  readonly unit: string;
  readonly kit: KitGoal;
}

/** Most CPU of a request against the bare proxy, by size. It counts the whole process tree, ledger included. */
const cpuToBare = { '1k': 1.75, '20k': 1.5, '200k': 1.3 } as const;

/** Goals of the project: ratios within one run, so that they hold on any machine. */
const goals: readonly NamedGoal[] = [
  ...Object.entries(cpuToBare).map(([phase, max]) => ({
    name: `${phase}: CPU per request / bare proxy`,
    unit: 'x',
    kit: { system: 'modicum', phase, metric: 'cpu_us', vs: 'bare', max },
  })),
  ...Object.keys(cpuToBare).map((phase) => ({
    name: `${phase}: requests per CPU second / Portkey`,
    unit: 'x',
    kit: { system: 'portkey', phase, metric: 'cpu_us', vs: 'modicum', min: 8 },
  })),
  {
    name: 'paced streams: first byte, median, minus direct',
    unit: 'ms',
    kit: { system: 'modicum', phase: 'paced', metric: 'ttfb50', vs: 'direct', minus: true, max: 1 },
  },
  { name: 'memory after load', unit: 'MB', kit: { system: 'modicum', metric: 'rss_after', max: 250 } },
];

/** The goals in the form the kit checks. */
export const kitGoals: readonly KitGoal[] = goals.map(({ kit }) => kit);

/** The kit's values, in the order of `kitGoals`, judged. */
export const judged = (result: KitResult): readonly JudgedGoal[] =>
  goals.map(({ name, unit, kit: { min, max } }, index) =>
    judge({
      name,
      unit,
      value: result.goals[index]?.value ?? undefined,
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    }),
  );
