import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import type { Deployment, Plan } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { Scope, Stage } from '../core/pipeline.ts';
import { shaping, type ModeOf } from '../core/shaping.ts';
import { prefixSaving } from '../savings/prefix-cost.ts';
import { promptRepair, type PromptRepairOptions } from '../stages/prompt-repair/index.ts';
import type { Routing } from './routing.ts';

/** Vendors whose own API takes `allowed_tools`. */
const takesAllowed: ReadonlySet<string> = new Set(['openai', 'azure']);

/** The stage that repairs prompts, by the option `promptRepair`. */
export function promptRepairOf(config: Config, catalog: Catalog, { planOf }: Pick<Routing, 'planOf'>, modeOf: ModeOf): Stage {
  const { rules, maxConversations, maxBytes } = config.promptRepair;
  const allRules = new Set(rules);
  const vendorOf = ({ provider }: Deployment): string => config.providers[provider]?.prices ?? '';
  const placesOf = (call: Call, scope: Scope): readonly Deployment[] => {
    const plan = planned(planOf, call, scope);
    return plan ? [...plan.targets, ...plan.fallbacks, ...plan.onContextOverflow, ...plan.onContentFilter] : [];
  };
  const worth: PromptRepairOptions['worth'] = (call, scope, { reusedTokens, addedTokens }) => {
    const target = planned(planOf, call, scope)?.targets[0];
    const card = target && catalog.find(vendorOf(target), target.model, scope.startedAt);
    const change = { before: { input: reusedTokens }, after: { cacheRead: reusedTokens, input: addedTokens } };
    return card ? prefixSaving(card, change, { at: scope.startedAt, served: {} }) : null;
  };
  const shaper = promptRepair({
    limits: { maxConversations, maxBytes },
    rulesOf: () => allRules,
    takesAllowedTools: (call, scope) => {
      if (!allRules.has('tool-set')) return false;
      const places = placesOf(call, scope);
      return places.length > 0 && places.every((place) => takesAllowed.has(vendorOf(place)));
    },
    worth,
  });
  return shaping(shaper, modeOf);
}

/** `undefined` for a name that leads nowhere yet: a stage further on may change it, or refuses it. */
function planned(planOf: Routing['planOf'], call: Call, scope: Scope): Plan | undefined {
  try {
    return planOf(call, scope);
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}
