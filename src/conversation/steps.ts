import type { Print } from './print.ts';

/** One thing the model did, and what came of it. */
export interface Step {
  /** Its tool calls; where it called none, what it said. */
  readonly actions: readonly Print[];
  /** Results, and what was said to it then. Never empty. */
  readonly outcomes: readonly Print[];
  /** Digests of all actions, in order of the digests: calls made together have no order. */
  readonly action: string;
  readonly outcome: string;
  /** When all outcomes tell errors, which. */
  readonly error: string | undefined;
}

const isAction = ({ kind }: Print): boolean => kind === 'call' || kind === 'said';

/** Groups a conversation, or its tail. What stands before the first action, and a last action without outcome, are no step. */
export function stepsOf(prints: readonly Print[]): readonly Step[] {
  const steps: Step[] = [];
  let actions: Print[] = [];
  let outcomes: Print[] = [];
  for (const print of prints) {
    if (!isAction(print)) {
      if (actions.length > 0) outcomes.push(print);
      continue;
    }
    if (outcomes.length > 0) {
      steps.push(step(actions, outcomes));
      actions = [];
      outcomes = [];
    }
    actions.push(print);
  }
  if (outcomes.length > 0) steps.push(step(actions, outcomes));
  return steps;
}

function step(all: readonly Print[], outcomes: readonly Print[]): Step {
  const calls = all.filter(({ kind }) => kind === 'call');
  const actions = calls.length > 0 ? calls : all;
  const errors = outcomes.map(({ error }) => error);
  return {
    actions,
    outcomes,
    action: joined(actions),
    outcome: joined(outcomes),
    error: errors.includes(undefined) ? undefined : inOrder([...new Set(errors)]),
  };
}

const joined = (prints: readonly Print[]): string =>
  prints.length === 1 ? prints[0]!.digest : inOrder(prints.map(({ digest }) => digest));

const inOrder = (digests: readonly (string | undefined)[]): string =>
  digests
    .map(String)
    .sort((left, right) => (left < right ? -1 : 1))
    .join(' ');

/** Names of the tools of a step, each once. */
export const toolsOf = ({ actions }: Step): readonly string[] => [
  ...new Set(actions.map(({ tool }) => tool).filter((tool) => tool !== '')),
];
