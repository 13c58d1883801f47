import type { Measure } from '../../analytics/query.ts';

/** As the option `insight.targets` gives it. */
export interface Target {
  readonly measure: Measure;
  /** Percent of change against the baseline: -20 is a fifth less. */
  readonly changePercent: number;
  readonly app?: string | undefined;
}

/** `away`: farther from the aim than the baseline was. `unknown`: a figure is missing. */
export type TargetState = 'met' | 'on the way' | 'away' | 'unknown';

export interface TargetResult extends Target {
  readonly baseline: number | null;
  readonly aim: number | null;
  readonly now: number | null;
  /** Percent of change so far. */
  readonly changedPercent: number | null;
  readonly state: TargetState;
}

/** How far a target is reached. */
export function targetResult(target: Target, baseline: number | null, now: number | null): TargetResult {
  const { changePercent } = target;
  const aim = baseline === null ? null : baseline * (1 + changePercent / 100);
  const changedPercent = baseline === null || now === null || baseline === 0 ? null : (now / baseline - 1) * 100;
  return { ...target, baseline, aim, now, changedPercent, state: stateOf(changePercent, changedPercent) };
}

function stateOf(wanted: number, changed: number | null): TargetState {
  if (changed === null) return 'unknown';
  const direction = wanted < 0 ? -1 : 1;
  if (changed * direction >= wanted * direction) return 'met';
  return changed * direction > 0 ? 'on the way' : 'away';
}
