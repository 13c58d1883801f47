import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Effort } from '../../../core/canonical/reasoning.ts';
import type { JsonObject } from '../../../core/json.ts';
import { effortBudgets, effortOf } from '../effort.ts';

/** Settings that Converse has no field for and a family of models takes in `additionalModelRequestFields`. */
interface ModelFields {
  readonly models: RegExp;
  readonly topK?: (topK: number) => JsonObject;
  /** `undefined`: the effort cannot be said. `budget`: thinking tokens, below the limit of the answer. */
  readonly thinking?: (effort: Effort, budget: number) => JsonObject | undefined;
}

const table: readonly ModelFields[] = [
  {
    models: /anthropic\.claude/,
    topK: (topK) => ({ top_k: topK }),
    thinking: (effort, budget) =>
      effort === 'none' ? { thinking: { type: 'disabled' } } : { thinking: { type: 'enabled', budget_tokens: Math.max(budget, 1024) } },
  },
  {
    models: /amazon\.nova-2/,
    topK: (topK) => ({ inferenceConfig: { topK } }),
    thinking: (effort) =>
      effort === 'none'
        ? { reasoningConfig: { type: 'disabled' } }
        : { reasoningConfig: { type: 'enabled', maxReasoningEffort: ofThree(effort) } },
  },
  { models: /amazon\.nova/, topK: (topK) => ({ inferenceConfig: { topK } }) },
  { models: /openai\.gpt-oss/, thinking: (effort) => (effort === 'none' ? undefined : { reasoning_effort: ofThree(effort) }) },
];

const ofThree = (effort: Effort): string => {
  if (effort === 'minimal' || effort === 'low') return 'low';
  return effort === 'medium' ? 'medium' : 'high';
};

/** Fields for the model, and the features that could not be said to it. */
export function modelFields(call: CanonicalCall, model: string, maxTokens: number | undefined) {
  const known = table.find(({ models }) => models.test(model));
  const { topK } = call.sampling;
  const effort = effortWanted(call);
  const budget = call.reasoning?.budgetTokens ?? (effort ? effortBudgets[effort] : 0);
  const fields = {
    ...(topK !== undefined && known?.topK?.(topK)),
    ...(effort && known?.thinking?.(effort, maxTokens === undefined ? budget : Math.min(budget, maxTokens - 1))),
  };
  const unsaid = {
    topK: topK !== undefined && !known?.topK,
    thinking: effort !== undefined && known?.thinking?.(effort, budget) === undefined,
  };
  return { fields, unsaid };
}

function effortWanted({ reasoning }: CanonicalCall): Effort | undefined {
  if (!reasoning) return undefined;
  if (reasoning.effort) return reasoning.effort;
  if (reasoning.budgetTokens !== undefined && reasoning.budgetTokens >= 0) return effortOf(reasoning.budgetTokens);
  return reasoning.adaptive || reasoning.budgetTokens === -1 ? 'medium' : undefined;
}
