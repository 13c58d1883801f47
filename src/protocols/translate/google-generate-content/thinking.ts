import type { Dropped } from '../../../core/canonical/feature.ts';
import { efforts, type Effort, type ReasoningRequest } from '../../../core/canonical/reasoning.ts';
import type { JsonObject } from '../../../core/json.ts';
import { effortBudgets, effortOf } from '../effort.ts';
import { compact } from '../fields.ts';
import type { ProtoFields } from './proto-fields.ts';

/** Models up to 2.5 take a budget of tokens only, later ones a level only. */
export const takesBudgets = (model: string): boolean => /(?:^|\/)gemini-[12][.-]/.test(model);

const levels: Readonly<Record<Effort, string>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'XHIGH',
  max: 'XHIGH',
};

/** Google refuses larger ones: Pro models take more than the others. */
const maxBudget = (model: string): number => (model.includes('pro') ? 32_768 : 24_576);

export interface Thinking {
  readonly config: JsonObject | undefined;
  /** What of the request it does not say, or says otherwise. */
  readonly changed: readonly Dropped[];
}

/** `thinkingConfig` for a model. */
export function thinkingOf(reasoning: ReasoningRequest | undefined, model: string): Thinking {
  if (!reasoning) return { config: undefined, changed: [] };
  const amount = takesBudgets(model) ? budget(reasoning, model) : level(reasoning);
  const { summary } = reasoning;
  const shown = summary === undefined ? {} : { includeThoughts: summary !== 'none' };
  const config = { ...amount.config, ...shown };
  return {
    config: Object.keys(config).length > 0 ? config : undefined,
    changed:
      summary === 'concise' || summary === 'detailed'
        ? [...amount.changed, { what: 'reasoning.summary', why: 'Gemini shows its thoughts or does not' }]
        : amount.changed,
  };
}

interface Amount {
  readonly config: JsonObject;
  readonly changed: readonly Dropped[];
}

const byLevel = 'this model takes a level, the nearest is sent';
const byBudget = 'this model takes tokens, the nearest number is sent';

/** An effort goes before a budget: the client's own word is nearer to a level. */
function level({ effort, budgetTokens }: ReasoningRequest): Amount {
  const fromBudget = budgetTokens === undefined ? undefined : effortOf(budgetTokens);
  const wanted = effort ?? fromBudget;
  const changed: Dropped[] = [];
  if (effort === 'none' || effort === 'max') changed.push({ what: 'reasoning.effort', why: byLevel });
  if (budgetTokens !== undefined) changed.push({ what: 'reasoning.budget', why: byLevel });
  return { config: wanted === undefined ? {} : { thinkingLevel: levels[wanted] }, changed };
}

function budget({ effort, budgetTokens, adaptive }: ReasoningRequest, model: string): Amount {
  const wanted = budgetTokens ?? (effort === undefined ? undefined : effortBudgets[effort]);
  if (wanted === undefined) return { config: adaptive ? { thinkingBudget: -1 } : {}, changed: [] };
  const thinkingBudget = Math.min(wanted, maxBudget(model));
  const changed: Dropped[] = [];
  if (effort !== undefined) changed.push({ what: 'reasoning.effort', why: byBudget });
  if (budgetTokens !== undefined && thinkingBudget < budgetTokens)
    changed.push({ what: 'reasoning.budget', why: `this model thinks ${thinkingBudget} tokens at most` });
  return { config: { thinkingBudget }, changed };
}

export function reasoningOf(config: ProtoFields | undefined): ReasoningRequest | undefined {
  if (!config) return undefined;
  const shown = config.boolean('includeThoughts');
  const reasoning: ReasoningRequest = compact({
    effort: effortIn(config),
    budgetTokens: config.number('thinkingBudget'),
    summary: shown === undefined ? undefined : shown ? ('auto' as const) : ('none' as const),
  });
  return Object.keys(reasoning).length > 0 ? reasoning : undefined;
}

/** Google reads its words in small letters too. */
function effortIn(config: ProtoFields): Effort | undefined {
  const word = config.text('thinkingLevel')?.toLowerCase();
  if (word === undefined || word === 'thinking_level_unspecified') return undefined;
  const effort = efforts.find((one) => one === word);
  if (!effort) config.leave('thinkingLevel');
  return effort;
}
