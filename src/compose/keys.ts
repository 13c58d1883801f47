import { isLoopback } from '../config/addresses.ts';
import { targetsOf } from '../config/model.ts';
import type { Config } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import type { Plan } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Scope, Stage } from '../core/pipeline.ts';
import type { KeyScopes, KeyStore, VirtualKey } from '../core/stores.ts';
import { openKeyDirectory, type KeyDirectory } from '../keys/directory.ts';
import { allows, allowsModel, permittedPlan, refusingScope, type CallFacts } from '../keys/scopes.ts';
import type { Serving } from '../server/context.ts';
import type { ListedModel } from '../server/models.ts';

export type KeyById = (id: string) => VirtualKey | undefined;

/** All virtual keys, followed. @throws when the store does not answer: then nobody could be let in. */
export function openKeys(store: KeyStore, { keys: { refreshMs, maxStaleMs } }: Config, log: Log): Promise<KeyDirectory> {
  return openKeyDirectory({
    store,
    now: Date.now,
    refreshMs,
    maxStaleMs,
    away: (error) => (error ? log.error('the store of keys is away', { error: error.message }) : log.info('the store of keys is back')),
  });
}

/** Where others than this machine may call, everybody needs a key, unless the configuration says that nobody does. */
export const needsKeys = ({ server: { host, allowUnauthenticated }, keys: { required } }: Config): boolean =>
  required || (!isLoopback(host) && !allowUnauthenticated);

/** Holds calls to the apps and features of their key. Models and providers are held where a call is planned. */
export function keyScope(keyById: KeyById): Stage {
  return {
    name: 'key-scope',
    kind: 'guard',
    wrap: (next) => (call, scope) => {
      const key = scope.key === undefined ? undefined : keyById(scope.key);
      const refusal = key && refusalOf(key, { app: scope.labels.app, feature: scope.labels.feature });
      return refusal ? Promise.reject(refusal) : next(call, scope);
    },
  };
}

function refusalOf(key: VirtualKey, facts: CallFacts): GatewayError | undefined {
  const scope = refusingScope(key.scopes, facts);
  if (scope === undefined) return undefined;
  const asked = facts[scope.slice(0, -1) as keyof CallFacts];
  const what = asked === undefined ? `calls without a label for ${scope}` : `the ${scope.slice(0, -1)} "${asked}"`;
  return new GatewayError('forbidden', `the key "${key.name}" is not for ${what}`, { param: scope });
}

export type Permit = (plan: Plan, call: Call, scope: Scope) => Plan;

/** Takes the places out of plans that a key is not for. Each plan is filtered once for each key. */
export function permitter(keyById: KeyById): Permit {
  const known = new WeakMap<KeyScopes, WeakMap<Plan, Plan>>();
  return (plan, call, scope) => {
    const key = scope.key === undefined ? undefined : keyById(scope.key);
    if (!key || (key.scopes.models === undefined && key.scopes.providers === undefined)) return plan;
    let plans = known.get(key.scopes);
    if (!plans) known.set(key.scopes, (plans = new WeakMap()));
    const found = plans.get(plan) ?? permittedPlan(key.scopes, call.model, plan);
    if (!found) throw notPermitted(key, call.model);
    plans.set(plan, found);
    return found;
  };
}

const notPermitted = ({ name }: VirtualKey, model: string): GatewayError =>
  new GatewayError('forbidden', `the key "${name}" is not for the model "${model.slice(0, 200)}", or not for the providers it is at`, {
    param: 'model',
  });

/** Requests that are passed on unread: their model is not known, nor what they cost. */
export function permittedRaw({ allowances }: Config, keyById: KeyById, raw: Serving['raw']): Serving['raw'] {
  return async (provider, request, scope) => {
    const key = scope.key === undefined ? undefined : keyById(scope.key);
    if (!key) return raw(provider, request, scope);
    const refusal = refusalOf(key, { app: scope.labels.app, feature: scope.labels.feature, provider });
    if (refusal) throw refusal;
    if (key.scopes.models) throw unread(key, 'models');
    if (key.budget && allowances.passthrough !== 'allow') throw unread(key, 'budget');
    return raw(provider, request, scope);
  };
}

const unread = ({ name }: VirtualKey, what: string): GatewayError =>
  new GatewayError(
    'forbidden',
    `the key "${name}" has a ${what} scope or limit, and a request that is passed on unread cannot be held to it`,
  );

/** The models a key is for. */
export function modelsFor(scopes: KeyScopes | undefined, models: readonly ListedModel[], config: Config): readonly ListedModel[] {
  if (!scopes?.models && !scopes?.providers) return models;
  return models.filter(({ id, provider }) => {
    const own = Object.hasOwn(config.models, id) ? targetsOf(id, config.models[id]!) : [{ provider, model: id }];
    const isNamed = allows(scopes.models, id);
    return own.some((place) => allows(scopes.providers, place.provider) && (isNamed || allowsModel(scopes, place.provider, place.model)));
  });
}
