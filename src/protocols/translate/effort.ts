import type { Effort } from '../../core/canonical/reasoning.ts';

/** Thinking tokens that an effort stands for, where an API knows only the one or the other. Between them: the nearest at or above. */
export const effortBudgets = {
  none: 0,
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 65_536,
} as const satisfies Readonly<Record<Effort, number>>;

/** The effort for a budget of thinking tokens; `undefined` when the provider shall decide (-1). */
export function effortOf(budgetTokens: number): Effort | undefined {
  if (budgetTokens < 0) return undefined;
  const found = Object.entries(effortBudgets).find(([, tokens]) => budgetTokens <= tokens);
  return (found?.[0] ?? 'max') as Effort;
}
