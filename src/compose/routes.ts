import { priceAttempt } from '../catalog/attempt.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { CallRecord } from '../core/record.ts';
import type { ModeOf } from '../core/shaping.ts';
import type { NanoUsd } from '../core/usage.ts';
import { aliasNames } from '../routes/aliases.ts';
import { callFacts } from '../routes/call-facts.ts';
import { confinedPlan } from '../stages/fallback/confined.ts';
import type { ListedModel } from '../server/models.ts';
import { createRoutes, type Routes } from '../stages/route/index.ts';
import { languageOf } from '../text/language.ts';
import { budgetRules, type Allowances } from './allowance.ts';
import type { Routing } from './routing.ts';

export interface RoutesParts {
  readonly routing: Pick<Routing, 'planOf'>;
  readonly allowances: Pick<Allowances, 'budgets'>;
  readonly modeOf: ModeOf;
  readonly now?: () => number;
}

/** The rules that choose models, by the option `routes`. */
export function routesOf(
  config: Config,
  catalog: Catalog,
  { routing: { planOf }, allowances, modeOf, now = Date.now }: RoutesParts,
): Routes {
  return createRoutes({
    rules: config.routes,
    factsOf: callFacts({ languageOf, now, budgetLeft: budgetLeftOf(config, allowances) }),
    modeOf,
    check: (call, scope) => {
      const plan = planOf(call, scope);
      if (scope.confined) confinedPlan(plan, scope.confined);
    },
    costAt: (call, scope, record) => costAt(config, catalog, planOf(call, scope).targets[0]!, record),
  });
}

type BudgetLeft = Parameters<typeof callFacts>[0]['budgetLeft'];

/** As far as this process knows: others may have spent since it last asked. */
function budgetLeftOf(config: Config, { budgets: spender }: RoutesParts['allowances']): BudgetLeft {
  const asked = new Set(config.routes.flatMap(({ match }) => match.budgetLeft?.budget ?? []));
  const rules = new Map(budgetRules(config.budgets.filter(({ name }) => asked.has(name))).map((rule) => [rule.name, rule]));
  return (budget, call, { labels, key }, nowMs) => {
    const account = rules.get(budget)?.counters.find({ labels, key, model: call.model }, nowMs)?.account;
    if (!account) return undefined;
    const { limit, spent, held } = spender.balance(account);
    return limit === 0 ? 0 : Math.max(0, (100 * (limit - spent - held)) / limit);
  };
}

/** The tokens of a record at the prices of another place. */
function costAt(
  config: Config,
  catalog: Catalog,
  { provider, model }: { readonly provider: string; readonly model: string },
  { buckets, at, attempts }: CallRecord,
): NanoUsd | null {
  const usage = { buckets, source: 'estimated' as const, flags: [], raw: undefined };
  const served = attempts.at(-1)?.served ?? {};
  return priceAttempt(catalog, {
    provider,
    hosting: config.providers[provider]?.hosting ?? 'api',
    requestModel: model,
    model,
    usage,
    served,
    at,
    requestTier: undefined,
  }).total;
}

/** Aliases whose model is listed, by the names that clients may use. */
export function listedAliases({ aliases }: Pick<Config, 'aliases'>, listed: ReadonlyMap<string, ListedModel>): readonly ListedModel[] {
  return [...aliasNames(aliases)].flatMap(([id, { model }]) => {
    const found = listed.get(model) ?? listed.get(model.slice(model.indexOf('/') + 1));
    return found ? [{ ...found, id }] : [];
  });
}
