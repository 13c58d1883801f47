import { cacheRuleFinder } from '../catalog/cache-rules.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import type { Deployment, Plan } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { Scope, Stage } from '../core/pipeline.ts';
import { shaping, type ModeOf } from '../core/shaping.ts';
import { repairSaving } from '../savings/repaired-prefix.ts';
import { promptRepair, stageName, type PromptRepairOptions } from '../stages/prompt-repair/index.ts';
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
  const ruleOf = cacheRuleFinder(catalog);
  const worth: PromptRepairOptions['worth'] = (call, scope, repaired) => {
    const target = planned(planOf, call, scope)?.targets[0];
    if (!target) return null;
    const prices = vendorOf(target);
    const prefix = { ...repaired, isMarkedByUs: modeOf('prompt-cache', call, scope) === 'on' };
    const context = { at: scope.startedAt, served: {} };
    return repairSaving(catalog.find(prices, target.model, scope.startedAt), ruleOf(prices, target.model), prefix, context);
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
    isObserved: (call, scope) => modeOf(stageName, call, scope) === 'observe',
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
