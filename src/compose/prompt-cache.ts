import { cacheFactors, cacheRuleFinder, type CacheRule } from '../catalog/cache-rules.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Call } from '../core/call.ts';
import type { Handler, Scope, Stage } from '../core/pipeline.ts';
import type { ModeOf } from '../core/shaping.ts';
import { createHolders, type Holders } from '../stages/prompt-cache/holders.ts';
import type { NanoUsd } from '../core/usage.ts';
import { keepWarm } from '../stages/prompt-cache/keep-warm/index.ts';
import { promptCache } from '../stages/prompt-cache/index.ts';
import type { Routing } from './routing.ts';

export interface PromptCaching {
  /** Below translation: it sees the provider's own API. */
  readonly stage: Stage;
  /** Right below the first. `accounted` gives calls of ours a record. */
  readonly keepWarm: (accounted: (handler: Handler) => Handler) => Stage;
  /** Above the choice of a place; `undefined` where calls do not go by it. */
  readonly holders: Holders | undefined;
}

/** What is done about providers' prompt caches, by the options `promptCache`. */
export function promptCachingOf(
  config: Config,
  catalog: Catalog,
  { planOf, deploymentOf }: Pick<Routing, 'planOf' | 'deploymentOf'>,
  modeOf: ModeOf,
  now: () => number,
): PromptCaching {
  const { affinity, keepWarmMaxUsdPerHour, keepWarmRefreshes, keys, maxLossPercent, warmUpWaitMs } = config.promptCache;
  const find = ruleMemo(config, catalog);
  const factorsAt = (deployment: Deployment, rule: CacheRule, inputTokens: number) =>
    cacheFactors(catalog.find(deployment.provider, deployment.model, now()), rule, inputTokens);
  const costOf = (deployment: Deployment, total: number, read: number): number | undefined => {
    const rule = find(deployment);
    const factors = rule && factorsAt(deployment, rule, total);
    return factors && factors.inputPico * (total - (1 - factors.read) * read);
  };
  const common = {
    modeOf,
    ruleOf: (call: Call, scope: Scope) => find(deploymentOf(call, scope)),
    factorsOf: (call: Call, scope: Scope, rule: CacheRule, inputTokens: number) => factorsAt(deploymentOf(call, scope), rule, inputTokens),
    deploymentOf,
  };
  const maxCostPerHour = Math.round(keepWarmMaxUsdPerHour * 1e9) as NanoUsd;
  return {
    keepWarm: (accounted) => keepWarm({ ...common, accounted, maxRefreshes: keepWarmRefreshes, maxCostPerHour }),
    stage: promptCache({
      ...common,
      keys,
      maxLossPercent,
      warmUpWaitMs,
      now,
    }),
    holders: affinity
      ? createHolders({
          isOn: (call, scope) => modeOf('prompt-cache', call, scope) === 'on',
          planOf,
          costOf,
          lifetimeOf: (deployment) => find(deployment)?.lifetimes[0]?.ms ?? 0,
          now,
        })
      : undefined,
  };
}

/** The rule of a place, looked up once. */
function ruleMemo({ providers }: Config, catalog: Catalog): (deployment: Deployment) => CacheRule | undefined {
  const find = cacheRuleFinder(catalog);
  const known = new WeakMap<Deployment, { readonly rule: CacheRule | undefined }>();
  return (deployment) => {
    const memo = known.get(deployment);
    if (memo) return memo.rule;
    const prices = providers[deployment.provider]?.prices;
    const rule = prices === undefined ? undefined : find(prices, deployment.model);
    known.set(deployment, { rule });
    return rule;
  };
}
