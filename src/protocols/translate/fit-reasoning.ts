import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import { efforts as allEfforts, type Effort, type ReasoningRequest } from '../../core/canonical/reasoning.ts';
import { effortBudgets, effortOf } from './effort.ts';
import { compact } from './fields.ts';

/** What is known of a model's thinking. */
export interface ReasoningAbilities {
  /** Words for how much to think. */
  readonly efforts?: readonly Effort[] | undefined;
  /** False: thinking without a budget is an error, and so is an effort. */
  readonly adaptiveThinking?: boolean | undefined;
  /** False: a budget of tokens is an error. */
  readonly thinkingBudget?: boolean | undefined;
  /** False: it always thinks. */
  readonly thinkingOff?: boolean | undefined;
}

interface Reasoned {
  readonly reasoning: ReasoningRequest;
  readonly dropped: readonly Dropped[];
}

/** Says how much to think in the words that the model takes. */
export function fitReasoning(call: CanonicalCall, abilities: ReasoningAbilities): { call: CanonicalCall; dropped: readonly Dropped[] } {
  if (!call.reasoning) return { call, dropped: [] };
  const { reasoning, dropped } = reasoned(call.reasoning, abilities);
  return dropped.length === 0 ? { call, dropped } : { call: { ...call, reasoning }, dropped };
}

function reasoned(asked: ReasoningRequest, abilities: ReasoningAbilities): Reasoned {
  if (isOff(asked)) return abilities.thinkingOff === false ? stillOn(asked, abilities) : { reasoning: asked, dropped: [] };
  if (abilities.adaptiveThinking === false && abilities.thinkingBudget === true) return inTokens(asked);
  const { reasoning, dropped } = abilities.thinkingBudget === false ? inWords(asked) : { reasoning: asked, dropped: [] };
  const narrowed = narrow(reasoning, abilities.efforts);
  return { reasoning: narrowed.reasoning, dropped: [...dropped, ...narrowed.dropped] };
}

export const isOff = (reasoning: ReasoningRequest | undefined): boolean => reasoning?.effort === 'none' || reasoning?.budgetTokens === 0;

function stillOn(asked: ReasoningRequest, { efforts }: ReasoningAbilities): Reasoned {
  const effort = efforts?.find((word) => word !== 'none') ?? 'low';
  const what = asked.effort === 'none' ? 'reasoning.effort' : 'reasoning.budget';
  return {
    reasoning: changed(asked, { effort, budgetTokens: undefined }),
    dropped: [{ what, why: `the model always thinks, sent as ${effort}` }],
  };
}

/** A budget that lets the provider decide says no amount: the translator of the API knows its form. */
function inWords(asked: ReasoningRequest): Reasoned {
  const { budgetTokens } = asked;
  if (budgetTokens === undefined || budgetTokens < 0) return { reasoning: asked, dropped: [] };
  const effort = asked.effort ?? effortOf(budgetTokens);
  return {
    reasoning: changed(asked, { effort, budgetTokens: undefined }),
    dropped: [{ what: 'reasoning.budget', why: `the model takes no number of tokens, sent as ${effort}` }],
  };
}

/** For models that think only to a budget. */
function inTokens(asked: ReasoningRequest): Reasoned {
  const { effort, adaptive, summary, budgetTokens = -1 } = asked;
  if (!effort && !adaptive && (!summary || summary === 'none') && asked.budgetTokens === undefined)
    return { reasoning: asked, dropped: [] };
  const tokens = budgetTokens > 0 ? budgetTokens : effortBudgets[effort ?? 'medium'];
  const why = `the model thinks to a number of tokens only, ${tokens} is sent`;
  const dropped: Dropped[] = [];
  if (effort) dropped.push({ what: 'reasoning.effort', why });
  if (adaptive) dropped.push({ what: 'reasoning.adaptive', why });
  if (asked.budgetTokens !== undefined && asked.budgetTokens < 0) dropped.push({ what: 'reasoning.budget', why });
  if (asked.budgetTokens === undefined && !effort && !adaptive) dropped.push({ what: 'reasoning.budget', why });
  return { reasoning: changed(asked, { effort: undefined, adaptive: undefined, budgetTokens: tokens }), dropped };
}

function narrow(asked: ReasoningRequest, efforts: readonly Effort[] | undefined): Reasoned {
  const { effort } = asked;
  if (!effort || !efforts || efforts.includes(effort)) return { reasoning: asked, dropped: [] };
  const words = efforts.filter((word) => word !== 'none'); // thinking that was asked for is not turned off
  const nearest = words.findLast((word) => allEfforts.indexOf(word) < allEfforts.indexOf(effort)) ?? words[0];
  const why = nearest ? `the model does not take ${effort}, sent as ${nearest}` : 'the model takes no effort';
  return { reasoning: changed(asked, { effort: nearest }), dropped: [{ what: 'reasoning.effort', why }] };
}

const changed = (
  asked: ReasoningRequest,
  fields: { readonly [K in keyof ReasoningRequest]?: ReasoningRequest[K] | undefined },
): ReasoningRequest => compact({ ...asked, ...fields }) as ReasoningRequest;
