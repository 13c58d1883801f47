import type { Catalog } from '../catalog/catalog.ts';
import type { Family } from '../core/api.ts';
import type { Deployment, Plan } from '../core/deployment.ts';
import { targetsOf } from './model.ts';
import { createResolver, maxRememberedModels, type Target } from './resolve.ts';
import type { Config, ModelConfig } from './schema.ts';

/** A plan, or why there is none: a sentence for the client. */
export type Planning = { readonly plan: Plan } | { readonly plan?: undefined; readonly reason: string };

export interface Plans {
  /** Where calls for a model may go, for clients of an API family; `crosses`: also to providers of another, by translation. */
  planOf(requestedModel: string, family: Family, crosses?: boolean): Planning;
  /** The provider and model of a deployment that one of these plans named. */
  targetOf(deployment: Deployment): Target;
}

type PlannedConfig = Pick<Config, 'providers' | 'models'>;
type Prices = Pick<Catalog, 'vendorOf' | 'find'>;

/** Makes the plans of a configuration: from the entries of `models`, and for every other name the one place it resolves to. */
export function createPlans(config: PlannedConfig, catalog: Prices): Plans {
  const resolve = createResolver(config, catalog);
  const targets = new WeakMap<Deployment, Target>();
  const memory = { own: memories(), any: memories() };
  const deploy = (target: Target, more: Partial<Deployment> = {}): Deployment => {
    const deployment = deploymentOf(target, catalog, more);
    targets.set(deployment, target);
    return deployment;
  };
  const make = (requestedModel: string, family: Family, crosses: boolean): Planning => {
    const entry = Object.hasOwn(config.models, requestedModel) ? config.models[requestedModel] : undefined;
    if (entry && isRouted(entry)) return planned({ config, catalog, deploy, family, crosses, name: requestedModel }, entry);
    const resolution = resolve(requestedModel, family, crosses);
    return resolution.target ? { plan: planOfOne(deploy(resolution.target)) } : resolution;
  };
  return {
    planOf(requestedModel, family, crosses = false) {
      const remembered = memory[crosses ? 'any' : 'own'][family];
      const known = remembered.get(requestedModel);
      if (known) return known;
      const made = make(requestedModel, family, crosses);
      if (remembered.size >= maxRememberedModels) remembered.delete(remembered.keys().next().value!);
      if (requestedModel.length <= maxRememberedLength) remembered.set(requestedModel, made);
      return made;
    },
    targetOf: (deployment) => targets.get(deployment)!,
  };
}

/** By model name, for each family: one look-up, no text put together for it. */
const memories = (): Readonly<Record<Family, Map<string, Planning>>> => ({
  openai: new Map(),
  anthropic: new Map(),
  google: new Map(),
  bedrock: new Map(),
});

/** Longer names are looked up each time. */
const maxRememberedLength = 256;

const isRouted = ({ targets, fallbacks, onContextOverflow, onContentFilter }: ModelConfig): boolean =>
  targets !== undefined || fallbacks !== undefined || onContextOverflow !== undefined || onContentFilter !== undefined;

const planOfOne = (target: Deployment): Plan => ({
  targets: [target],
  balance: 'order',
  fallbacks: [],
  onContextOverflow: [],
  onContentFilter: [],
});

interface Planner {
  readonly config: PlannedConfig;
  readonly catalog: Prices;
  readonly deploy: (target: Target, more?: Partial<Deployment>) => Deployment;
  readonly family: Family;
  readonly crosses: boolean;
  readonly name: string;
}

/** A place that cannot serve this client is left out; a plan needs one target that can. */
function planned(planner: Planner, entry: ModelConfig): Planning {
  const { targets, reason } = placesOf(planner, planner.name, entry);
  if (targets.length === 0) return { reason: reason ?? `model "${planner.name}" has no target` };
  return {
    plan: {
      targets,
      balance: entry.balance ?? 'order',
      fallbacks: listed(planner, entry.fallbacks),
      onContextOverflow: listed(planner, entry.onContextOverflow),
      onContentFilter: listed(planner, entry.onContentFilter),
    },
  };
}

function placesOf(planner: Planner, name: string, entry: ModelConfig): { readonly targets: Deployment[]; readonly reason?: string } {
  const exact = exactly(planner);
  const targets: Deployment[] = [];
  let reason: string | undefined;
  for (const [index, { provider, model, weight, apiKey }] of targetsOf(name, entry).entries()) {
    const resolution = exact(`${provider}/${model}`, planner.family, planner.crosses);
    if (!resolution.target) reason ??= resolution.reason;
    else if (apiKey === undefined) targets.push(planner.deploy(resolution.target, { weight }));
    else targets.push(keyed(planner, resolution.target, { apiKey, weight, id: `${provider}/${model}#${index + 1}` }));
  }
  return reason === undefined ? { targets } : { targets, reason };
}

/** Finds `provider/model` whatever public names look like it. */
const exactly = ({ config, catalog }: Planner) => createResolver({ providers: config.providers, models: {} }, catalog);

function keyed(
  { deploy }: Planner,
  { provider, model }: Target,
  { apiKey, ...more }: { readonly apiKey: string; readonly weight: number; readonly id: string },
): Deployment {
  return deploy({ provider: { ...provider, apiKey, apiKeys: undefined }, model }, more);
}

/** The targets of public names, or `provider/model`; each place once. */
function listed(planner: Planner, names: readonly string[] = []): readonly Deployment[] {
  const found = names.flatMap((name) => {
    const entry = Object.hasOwn(planner.config.models, name) ? planner.config.models[name] : undefined;
    if (entry) return placesOf(planner, name, entry).targets;
    const { target } = exactly(planner)(name, planner.family, planner.crosses);
    return target ? [planner.deploy(target)] : [];
  });
  return [...new Map(found.map((deployment) => [deployment.id, deployment])).values()];
}

function deploymentOf({ provider, model }: Target, catalog: Prices, more: Partial<Deployment>): Deployment {
  return {
    id: `${provider.name}/${model}`,
    provider: provider.name,
    hosting: provider.hosting,
    model,
    weight: 1,
    price: priceOf(provider.name, model, catalog),
    keys: provider.apiKeys?.length ?? 1,
    ownKey: provider.apiKey !== undefined || provider.auth === 'aws-sigv4' || provider.auth === 'google-oauth',
    ...more,
  };
}

/** Base rates, as of when the plan is made: enough to tell which of two places is cheaper. */
function priceOf(provider: string, model: string, { find }: Prices): number | undefined {
  const rates = find(provider, model, Date.now())?.tiers[0]?.rates;
  if (!rates?.input || !rates.output) return undefined;
  return (rates.input.pico + rates.output.pico) / picoUsdPerToken;
}

/** Pico-USD per token in one USD per million tokens. */
const picoUsdPerToken = 1e6;
