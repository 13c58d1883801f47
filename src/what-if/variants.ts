import type { Config } from '../config/schema.ts';
import { savings, type SavingKey } from '../savings/registry.ts';
import { changedSavings, differsElsewhere, differsInHoldouts, mixed } from './mixed.ts';

/** What stands for all options that belong to no saving; and for those that hold calls out of savings, where nothing else differs. */
export const otherOptions = 'other options';
export const holdOuts = 'hold-outs';

/** A configuration to rehearse. */
export interface Variant {
  /** What this one has of the policy that the one before it has not; `undefined` for the first, which has nothing of it. */
  readonly stage: string | undefined;
  readonly config: Config;
}

export interface Variants {
  /** From the present configuration to the policy, one change after the other: two at least. */
  readonly steps: readonly Variant[];
  /** The policy without one of its changes each. */
  readonly without: readonly (Variant & { readonly stage: string })[];
}

/**
 * The changes of a policy one by one: first the options that belong to no saving, then the savings in the order in which they see a call. So
 * the differences add up to the whole, and what two changes do only together goes to the later one.
 */
export function variantsOf(before: Config, after: Config, isAblated: boolean): Variants {
  const changed = changedSavings(before, after);
  const first: readonly (SavingKey | undefined)[] = differsElsewhere(before, after) ? [undefined] : [];
  const changes = [...first, ...changed];
  const others = differsInHoldouts(before, after) ? holdOuts : otherOptions;
  const nameOf = (change: SavingKey | undefined): string =>
    change === undefined ? others : savings.find(({ key }) => key === change)!.stage;
  const steps = changes.map((change, index) => {
    const kept = new Set(changes.slice(0, index + 1).filter((key) => key !== undefined));
    return { stage: nameOf(change), config: index === changes.length - 1 ? after : mixed(before, after, kept) };
  });
  return {
    steps: [{ stage: undefined, config: before }, ...(steps.length > 0 ? steps : [{ stage: otherOptions, config: after }])],
    without: isAblated ? withoutEach(before, after, changes, nameOf) : [],
  };
}

function withoutEach(
  before: Config,
  after: Config,
  changes: readonly (SavingKey | undefined)[],
  nameOf: (change: SavingKey | undefined) => string,
): Variants['without'] {
  if (changes.length < 2) return [];
  return changes.map((change) => {
    const kept = new Set(changes.filter((key) => key !== change && key !== undefined) as SavingKey[]);
    const config = change === undefined ? mixed(after, before, new Set()) : mixed(before, after, kept);
    return { stage: nameOf(change), config };
  });
}
