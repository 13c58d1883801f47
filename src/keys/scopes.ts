import type { Plan, Deployment } from '../core/deployment.ts';
import type { KeyScopes } from '../core/stores.ts';
import { networkMatcher } from './networks.ts';

export type ScopeName = keyof KeyScopes;

/** What is known of a call so far. A fact that is there is checked; one that is there and `undefined` is refused where the scope has a list. */
export interface CallFacts {
  readonly app?: string | undefined;
  readonly feature?: string | undefined;
  readonly provider?: string | undefined;
  /** Address of the client. */
  readonly address?: string | undefined;
}

const listed = [
  ['app', 'apps'],
  ['feature', 'features'],
  ['provider', 'providers'],
] as const;

/** The first scope that does not allow a call; `undefined`: all do. */
export function refusingScope(scopes: KeyScopes, facts: CallFacts): ScopeName | undefined {
  for (const [fact, scope] of listed) if (fact in facts && !allows(scopes[scope], facts[fact])) return scope;
  return 'address' in facts && !allowsAddress(scopes, facts.address) ? 'networks' : undefined;
}

/** Whether a list allows a value: no list allows all; `*` at the end of an entry stands for any rest. */
export function allows(list: readonly string[] | undefined, value: string | undefined): boolean {
  if (list === undefined) return true;
  if (value === undefined) return false;
  return list.some((entry) => (entry.endsWith('*') ? value.startsWith(entry.slice(0, -1)) : value === entry));
}

/** Whether a model is allowed by its own name or by `provider/model`. */
export const allowsModel = ({ models }: KeyScopes, provider: string, model: string): boolean =>
  models === undefined || allows(models, model) || allows(models, `${provider}/${model}`);

const matchers = new WeakMap<readonly string[], (address: string) => boolean>();

function allowsAddress({ networks }: KeyScopes, address: string | undefined): boolean {
  if (networks === undefined) return true;
  if (address === undefined) return false;
  const matches = matchers.get(networks) ?? networkMatcher(networks);
  matchers.set(networks, matches);
  return matches(address);
}

/**
 * The places of a plan that the scopes allow; the same plan when that is all of them, `undefined` when no target is left. Where the name that
 * was asked for is allowed, its targets are; what is asked when they fail must be allowed by a name of its own.
 */
export function permittedPlan(scopes: KeyScopes, requestedModel: string, plan: Plan): Plan | undefined {
  if (scopes.models === undefined && scopes.providers === undefined) return plan;
  const isNamed = allows(scopes.models, requestedModel);
  const isAllowed = ({ provider, model }: Deployment): boolean =>
    allows(scopes.providers, provider) && allowsModel(scopes, provider, model);
  const targets = plan.targets.filter((target) => (isNamed ? allows(scopes.providers, target.provider) : isAllowed(target)));
  if (targets.length === 0) return undefined;
  return {
    ...plan,
    targets,
    fallbacks: plan.fallbacks.filter(isAllowed),
    onContextOverflow: plan.onContextOverflow.filter(isAllowed),
    onContentFilter: plan.onContentFilter.filter(isAllowed),
  };
}
