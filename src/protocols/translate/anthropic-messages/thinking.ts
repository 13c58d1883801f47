import type { ReasoningRequest } from '../../../core/canonical/reasoning.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Lost } from './marks.ts';

/** The least budget that Anthropic takes; the limit of the answer must be larger. */
export const minBudgetTokens = 1024;

interface Given {
  readonly maxTokens: number;
  /** Some tool must be called, before which no model of Anthropic thinks. */
  readonly forced: boolean;
  readonly lost: Lost;
}

interface Thinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
  /** The model thinks, as far as the call says. */
  readonly on: boolean;
}

/** What `thinking` and `output_config.effort` say. An effort comes with adaptive thinking, without which many models would not think at all. */
export function thinkingOf(reasoning: ReasoningRequest | undefined, given: Given): Thinking {
  if (!reasoning) return { on: false };
  const { effort, budgetTokens, summary } = reasoning;
  if (effort === 'none' || budgetTokens === 0) return off(reasoning, given.lost);
  if (effort === 'minimal') given.lost.set('reasoning.effort', 'sent as low, the least that Anthropic has');
  const word = effort && { effort: effort === 'minimal' ? 'low' : effort };
  const wanted = effort ?? budgetTokens ?? reasoning.adaptive ?? (summary !== 'none' && summary);
  if (!wanted) {
    if (summary) given.lost.set('reasoning.summary', 'nothing was said of thinking itself');
    return { on: false };
  }
  const thinking = given.forced
    ? without(reasoning, given.lost, 'Anthropic does not think before a tool that must be called')
    : modeOf(reasoning, given);
  return { ...word, ...(thinking && { thinking: { ...thinking, ...shown(summary, given.lost) } }), on: thinking !== undefined };
}

function off({ budgetTokens, summary }: ReasoningRequest, lost: Lost): Thinking {
  if (budgetTokens !== undefined) lost.set('reasoning.budget', 'sent as no thinking');
  if (summary) lost.set('reasoning.summary', 'there are no thoughts to show');
  return { thinking: { type: 'disabled' }, on: false };
}

function without(reasoning: ReasoningRequest, lost: Lost, why: string): undefined {
  if (reasoning.effort) lost.set('reasoning.effort', why);
  if (reasoning.budgetTokens !== undefined) lost.set('reasoning.budget', why);
  if (reasoning.adaptive) lost.set('reasoning.adaptive', why);
  if (reasoning.summary) lost.set('reasoning.summary', why);
}

function modeOf(reasoning: ReasoningRequest, { maxTokens, lost }: Given): JsonObject | undefined {
  const { budgetTokens = -1, adaptive, effort } = reasoning;
  if (budgetTokens > 0) return enabled(reasoning, budgetTokens, { maxTokens, lost });
  if (reasoning.budgetTokens !== undefined) lost.set('reasoning.budget', 'sent as adaptive thinking');
  if (!adaptive && !effort) lost.set('reasoning.adaptive', 'thoughts are asked for with adaptive thinking');
  return { type: 'adaptive' };
}

function enabled(reasoning: ReasoningRequest, wanted: number, { maxTokens, lost }: Omit<Given, 'forced'>): JsonObject | undefined {
  if (maxTokens <= minBudgetTokens) return without(reasoning, lost, `the limit of the answer leaves no room for ${minBudgetTokens} tokens`);
  const tokens = Math.min(Math.max(wanted, minBudgetTokens), maxTokens - 1);
  if (tokens !== wanted)
    lost.set('reasoning.budget', `sent as ${tokens}: at least ${minBudgetTokens}, and less than the limit of the answer`);
  if (reasoning.adaptive) lost.set('reasoning.adaptive', 'a budget is sent instead');
  return { type: 'enabled', budget_tokens: tokens };
}

function shown(summary: ReasoningRequest['summary'], lost: Lost): JsonObject {
  if (!summary) return {};
  if (summary === 'none') return { display: 'omitted' };
  if (summary !== 'auto') lost.set('reasoning.summary', 'Anthropic has one kind of summary');
  return { display: 'summarized' };
}
