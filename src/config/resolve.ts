import type { Family } from '../core/api.ts';
import { lists, serves } from './allow-list.ts';
import type { Config, ProviderConfig } from './schema.ts';
import { vendors } from './vendors.ts';

/** Where a call goes. */
export interface Target {
  readonly provider: ProviderConfig;
  /** The provider's own name of the model. */
  readonly model: string;
}

/** A target, or why there is none: a sentence for the client. */
export type Resolution = { readonly target: Target } | { readonly target?: undefined; readonly reason: string };

/** `crosses`: the call can be translated, so that a provider of another family may serve it where none of its own does. */
export type Resolver = (requestedModel: string, family: Family, crosses?: boolean) => Resolution;

/** Answers remembered; beyond it the oldest is forgotten. */
export const maxRememberedModels = 4096;
/** Longer names are looked up each time. */
const maxRememberedNameLength = 256;

/**
 * Finds the provider of a model name, among those that speak the client's API: first an entry of `models`, then `provider/model`, then the vendor
 * that the catalog knows the model by, then a provider that lists it, then the first provider of the client's family that may serve it. Where
 * there is none, and the call can be translated, the same among all others.
 */
export function createResolver(
  config: Pick<Config, 'providers' | 'models'>,
  catalog: { readonly vendorOf: (model: string) => string | undefined },
): Resolver {
  const remembered = new Map<string, Resolution>();
  return (requestedModel, family, crosses = false) => {
    const key = `${crosses ? 'any' : 'own'} ${family} ${requestedModel}`;
    const known = remembered.get(key);
    if (known) return known;
    const found = resolve({ config, vendorOf: catalog.vendorOf, requestedModel, family, crosses });
    if (requestedModel.length > maxRememberedNameLength) return found;
    if (remembered.size >= maxRememberedModels) remembered.delete(remembered.keys().next().value!);
    remembered.set(key, found);
    return found;
  };
}

interface Question {
  readonly config: Pick<Config, 'providers' | 'models'>;
  readonly vendorOf: (model: string) => string | undefined;
  readonly requestedModel: string;
  readonly family: Family;
  readonly crosses: boolean;
}

function resolve(question: Question): Resolution {
  return byEntry(question) ?? byPrefix(question) ?? bySearch(question);
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);

/** What the user wrote is final: a family that cannot be reached is an error, not a reason to look elsewhere. */
function byEntry({ config, requestedModel, family, crosses }: Question): Resolution | undefined {
  const entry = own(config.models, requestedModel);
  if (!entry) return undefined;
  const provider = own(config.providers, entry.provider);
  if (!provider) return { reason: `model "${requestedModel}" is configured for the provider "${entry.provider}", which is not there` };
  if (provider.protocol !== family && !crosses) return { reason: otherFamily(requestedModel, provider, family) };
  return { target: { provider, model: entry.model } };
}

/** `provider/model`; a provider that itself lists such a name (`anthropic/claude-...` of a reseller) takes it when the prefix leads to another family. */
function byPrefix({ config, requestedModel, family, crosses }: Question): Resolution | undefined {
  const slash = requestedModel.indexOf('/');
  const provider = slash > 0 ? own(config.providers, requestedModel.slice(0, slash)) : undefined;
  const model = requestedModel.slice(slash + 1);
  if (!provider || model === '') return undefined;
  if (provider.protocol === family && serves(provider.models, model)) return { target: { provider, model } };
  const lister = listing(ofFamily(config, family), requestedModel);
  if (lister) return { target: { provider: lister, model: requestedModel } };
  if (provider.protocol !== family && !crosses) return { reason: otherFamily(requestedModel, provider, family) };
  if (serves(provider.models, model)) return { target: { provider, model } };
  return { reason: `the provider "${provider.name}" does not serve "${model}": its \`models\` do not list it` };
}

function bySearch({ config, vendorOf, requestedModel, family, crosses }: Question): Resolution {
  const vendor = vendorOf(requestedModel);
  const able = Object.values(config.providers).filter(({ models }) => serves(models, requestedModel));
  const candidates = able.filter(({ protocol }) => protocol === family);
  const elsewhere = able.find((provider) => provider.protocol !== family && (isOf(provider, vendor) || provider.models !== undefined));
  const known = (among: readonly ProviderConfig[]): ProviderConfig | undefined =>
    among.find(({ name }) => name === vendor) ?? among.find((candidate) => isOf(candidate, vendor)) ?? listing(among, requestedModel);
  const others = crosses ? able.filter(({ protocol }) => protocol !== family) : [];
  const provider =
    known(candidates) ??
    listing(others, requestedModel) ??
    candidates.find((candidate) => mayServe(candidate, vendor, elsewhere !== undefined)) ??
    known(others) ??
    others.find((candidate) => mayServe(candidate, vendor, false));
  if (provider) return { target: { provider, model: requestedModel } };
  return { reason: elsewhere ? otherFamily(requestedModel, elsewhere, family) : nobody(requestedModel, config) };
}

const isOf = ({ name, prices }: ProviderConfig, vendor: string | undefined): boolean =>
  vendor !== undefined && (name === vendor || prices === vendor);

const ofFamily = ({ providers }: Question['config'], family: Family): readonly ProviderConfig[] =>
  Object.values(providers).filter(({ protocol }) => protocol === family);

const listing = (providers: readonly ProviderConfig[], model: string): ProviderConfig | undefined =>
  providers.find(({ models }) => models !== undefined && lists(models, model));

/** Whether to try a model known as another vendor's: never with a vendor of its own models only, with a known reseller unless that vendor is there. */
function mayServe({ prices }: ProviderConfig, vendor: string | undefined, isElsewhere: boolean): boolean {
  const known = vendors.find((candidate) => candidate.prices === prices);
  return vendor === undefined || known === undefined || (known.serves === 'any' && !isElsewhere);
}

const routes: Readonly<Record<Family, string>> = {
  openai: '/v1/chat/completions or /v1/responses',
  anthropic: '/v1/messages',
  google: '/v1beta/models/{model}:generateContent',
  bedrock: 'an API that can be translated',
};

const otherFamily = (model: string, { name, protocol }: ProviderConfig, family: Family): string =>
  `model "${model}" is served by the provider "${name}", which speaks the ${protocol} API, not the ${family} API of this request: use ${routes[protocol]}`;

/** Providers named in an error at most. */
const maxNamed = 20;

function nobody(model: string, { providers, models }: Question['config']): string {
  const names = Object.values(providers).map(({ name, protocol }) => `${name} (${protocol})`);
  const shown = [...names.slice(0, maxNamed), ...(names.length > maxNamed ? [`${names.length - maxNamed} more`] : [])];
  const publicNames = Object.keys(models).slice(0, maxNamed);
  const alsoModels = publicNames.length > 0 ? `; model names: ${publicNames.join(', ')}` : '';
  return `no provider is configured for model "${model}"; configured: ${shown.join(', ') || 'none'}${alsoModels}`;
}
