import type { ModelCapabilities } from '../../catalog/capabilities.ts';
import { efforts, type Effort } from '../../core/canonical/reasoning.ts';
import type { OutputLimits } from '../../core/output-limits.ts';
import type { Draft } from './draft.ts';
import type { Form } from './forms.ts';

/** Which effort stands for which number of thinking tokens. */
export interface EffortScale {
  readonly effortOf: (tokens: number) => Effort | undefined;
  readonly tokensOf: (effort: Effort) => number;
}

/** What became of a limit. `kept`: the call asks for no more than that already, or nothing is known of what it would do. */
export type Outcome = 'applied' | 'kept' | 'omitted';

const rank = (effort: Effort): number => efforts.indexOf(effort);

/** The most thinking that a limit leaves, in the words or the number that the model takes. Never more than the client asked for, and never where thinking was off. */
export function limitThinking(
  draft: Draft,
  form: Form,
  { effort, thinkingBudget }: OutputLimits,
  abilities: ModelCapabilities,
  scale: EffortScale,
): Outcome {
  const tokens = thinkingBudget ?? (effort && scale.tokensOf(effort));
  const word = effort ?? (thinkingBudget === undefined ? undefined : scale.effortOf(thinkingBudget));
  if (tokens === undefined || word === undefined) return 'kept';
  const byNumber = form.budget ? limitBudget(draft, form, tokens, abilities) : undefined;
  if (byNumber) return byNumber;
  return limitEffort(draft, form, word, abilities);
}

/** `undefined`: thinking is not told in numbers here. */
function limitBudget(
  draft: Draft,
  form: Form,
  wanted: number,
  { refuses, thinkingBudget, thinkingOff }: ModelCapabilities,
): Outcome | undefined {
  const asked = draft.get(form.budget!);
  const isAsked = typeof asked === 'number';
  const isAnthropic = form.leastBudget === 1024;
  if (!isAsked && (isAnthropic || thinkingBudget !== true)) return undefined;
  if (refuses?.includes('reasoning.budget')) return 'omitted';
  if (isAsked && asked >= 0 && asked <= wanted) return 'kept';
  if (wanted === 0 && (isAnthropic || thinkingOff !== true)) return 'omitted';
  draft.set(form.budget!, wanted === 0 ? 0 : Math.max(wanted, form.leastBudget));
  return 'applied';
}

function limitEffort(draft: Draft, form: Form, wanted: Effort, abilities: ModelCapabilities): Outcome {
  const { efforts: known, refuses, effortDefault, thinkingOff } = abilities;
  if (refuses?.includes('reasoning.effort')) return 'omitted';
  const written = draft.get(form.effort);
  const asked = efforts.find((word) => typeof written === 'string' && word === written.toLowerCase());
  const chosen = nearest(known, wanted, thinkingOff);
  if (!known || !chosen) return 'omitted';
  const now = asked ?? effortDefault;
  if (now ? rank(now) <= rank(chosen) : !isLeast(known, chosen)) return now ? 'kept' : 'omitted';
  draft.set(form.effort, form.effortWord(chosen));
  return 'applied';
}

/** The most of what the model takes that is no more than wanted, else the least of it. */
function nearest(known: readonly Effort[] | undefined, wanted: Effort, thinkingOff: boolean | undefined): Effort | undefined {
  const words = (known ?? []).filter((word) => word !== 'none' || (wanted === 'none' && thinkingOff !== false));
  const sorted = words.toSorted((one, other) => rank(one) - rank(other));
  return sorted.findLast((word) => rank(word) <= rank(wanted)) ?? sorted[0];
}

/** Where nobody knows how much a model thinks by itself, only what cannot be more is said: low, unless it may not think at all. */
const isLeast = (known: readonly Effort[], chosen: Effort): boolean =>
  chosen === 'none' || (rank(chosen) <= rank('low') && !known.includes('none'));
