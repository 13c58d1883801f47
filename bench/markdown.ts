import type { Figures, JudgedGoal } from './bench.ts';
import { short, table } from './figures.ts';

const bounds = ({ min, max, unit }: JudgedGoal): string =>
  [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`].filter(Boolean).join(', ') + ` ${unit}`;

/** Goals with their verdicts; missed ones are not softened. */
export const goalTable = (goals: readonly JudgedGoal[]): string =>
  table(
    ['goal', 'wanted', 'measured', 'verdict'],
    goals.map((goal) => [goal.name, bounds(goal), short(goal.value), goal.verdict === 'missed' ? '**missed**' : goal.verdict]),
  );

/** Kept out of the list of figures: shown elsewhere on the page. */
const shownElsewhere = new Set(['bench', 'date', 'version', 'commit', 'machine', 'goals']);

/** Figures of a bench that does not say how to show them: one row each, nested keys joined by spaces. */
export function describe(figures: Figures): string {
  const rows = Object.entries(figures)
    .filter(([key]) => !shownElsewhere.has(key))
    .flatMap(([key, value]) => leaves(key, value));
  return table(['figure', 'value'], rows);
}

function leaves(path: string, value: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry !== 'object')) return [[path, value.join(', ')]];
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, inner]) => leaves(`${path} ${key}`, inner));
  return [[path, typeof value === 'number' ? short(value) : String(value)]];
}
