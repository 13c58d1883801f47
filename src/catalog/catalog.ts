import { candidatesFor, catalogId, inForce, modelFor, plainName, type PriceData } from './candidates.ts';
import { capabilityFinder, overridden, type Capabilities, type CapabilityOverride } from './capabilities.ts';
import type { RateCard } from './card.ts';
import { loadCapabilities, loadModifiers, loadRates, type ProviderRow } from './data.ts';
import { limitsOf, type ModelLimits } from './limits.ts';
import { listModels, type CatalogModel } from './listing.ts';
import { Memo } from './memo.ts';
import { compileOverrides, type PriceOverride } from './overrides.ts';
import { compileProvider, digestOf } from './rules.ts';
import { vendorFinder } from './vendors.ts';

export interface CatalogProvider {
  readonly id: string;
  readonly name: string;
  /** Regular expressions for the start of a base URL. */
  readonly hosts: readonly string[];
}

/** Models, prices and limits, as data with dates. Providers go by the catalog's ids: `openai`, `anthropic`, `google`, `x-ai` ... */
export interface Catalog {
  /** Names the price data: release and content hash of the base, then the hash of our own rows. */
  readonly version: string;
  /** ISO date of the base data. */
  readonly asOf: string;
  /** The prices of a model at `at`, epoch ms; `undefined`: unknown. Remembered, so asking again is cheap. */
  find(provider: string, model: string, at: number): RateCard | undefined;
  /** The direct vendor of a bare model name: `claude-opus-5-5` -> `anthropic`. A name with a tag (`llama3:8b`) has none. */
  vendorOf(model: string): string | undefined;
  providers(): readonly CatalogProvider[];
  /** The provider a base URL belongs to. */
  providerAt(baseUrl: string): string | undefined;
  /** With the prices at `at`, epoch ms, now when left out; models only the user has prices for come last. */
  models(provider?: string, at?: number): readonly CatalogModel[];
  limits(provider: string, model: string): ModelLimits;
  /** What the model takes; of a model nobody knows, nothing is told. Remembered, so asking again is cheap. */
  capabilities(provider: string, model: string): Capabilities;
}

export interface CatalogOptions {
  readonly overrides?: readonly PriceOverride[];
  /** The user's provider names -> ids of the catalog: `find` takes both, and overrides are by the user's name. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** By the user's names of providers. */
  readonly capabilities?: readonly CapabilityOverride[];
}

/** A longer model name is unknown without a look at it. */
export const modelNameLimit = 256;
/** `find` remembers this many answers, at most twice as many. */
export const memoLimit = 2000;

/** Reads the data files. @throws {RangeError} when an override cannot be read */
export function createCatalog({ overrides = [], aliases = {}, capabilities: own = [] }: CatalogOptions = {}): Catalog {
  const rates = loadRates();
  const file = loadModifiers();
  const version = `${rates.version}.${digestOf(file)}`;
  const providers = new Map(rates.providers.map((row) => [row.id, compileProvider(row, file.models, rates.source)]));
  const data: PriceData = { providers, file, overrides: compileOverrides(overrides, file.aliases), aliases, version };
  const found = new Memo(
    memoLimit,
    byKey((provider, model) => candidatesFor(data, provider, model)),
  );
  const limits = new Memo(
    memoLimit,
    byKey((provider, model) => limitsOf(file, catalogId(data, provider), model.toLowerCase())),
  );
  const capabilities = new Memo(memoLimit, byKey(capabilitiesIn(data, own)));
  const vendors = new Memo(memoLimit, vendorFinder(rates, file));
  const providerAt = hostFinder(rates.providers);
  return {
    version,
    asOf: rates.asOf,
    find: (provider, model, at) => (model.length > modelNameLimit ? undefined : inForce(found.get(keyOf(provider, model)), at)),
    vendorOf: (model) => (model.length > modelNameLimit ? undefined : (vendors.get(model) ?? undefined)),
    providers: () => rates.providers.map(({ id, name, hosts }) => ({ id, name, hosts })),
    providerAt,
    models: (provider, at = Date.now()) => listModels(data, provider, at),
    limits: (provider, model) => (model.length > modelNameLimit ? {} : limits.get(keyOf(provider, model))),
    capabilities: (provider, model) => (model.length > modelNameLimit ? nothingKnown : capabilities.get(keyOf(provider, model))),
  };
}

const nothingKnown: Capabilities = { unverified: [], sources: [] };

/** The user's word, then the rows, then the context that the price data tells. */
function capabilitiesIn(data: PriceData, own: readonly CapabilityOverride[]): (provider: string, model: string) => Capabilities {
  const rowsSay = capabilityFinder(loadCapabilities());
  const said = new Map(own.map(({ provider, model, capabilities }) => [keyOf(provider, model.toLowerCase()), capabilities]));
  return (provider, model) => {
    const id = catalogId(data, provider);
    const name = plainName(model);
    const contextTokens = modelFor(data.providers, id, name)?.row.contextTokens;
    const base = { ...(contextTokens !== undefined && { contextTokens }), ...rowsSay(id, name) };
    return overridden(base, said.get(keyOf(provider, model.toLowerCase())));
  };
}

const keyOf = (provider: string, model: string): string => `${provider}\n${model}`;

/** Takes a key of `keyOf` apart. */
const byKey =
  <T>(make: (provider: string, model: string) => T) =>
  (key: string): T => {
    const cut = key.indexOf('\n');
    return make(key.slice(0, cut), key.slice(cut + 1));
  };

function hostFinder(rows: readonly ProviderRow[]): (baseUrl: string) => string | undefined {
  const patterns = rows.flatMap(({ id, hosts }) => hosts.map((host) => ({ id, pattern: new RegExp(`^(?:${host})`) })));
  return (baseUrl) => patterns.find(({ pattern }) => pattern.test(baseUrl))?.id;
}
