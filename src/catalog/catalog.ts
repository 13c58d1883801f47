import { cardOf, type CardOrigin, type RateCard } from './card.ts';
import { loadModifiers, loadRates, type ModelRow, type ModifiersFile, type PricePeriod, type RatesFile } from './data.ts';
import { limitsOf, type ModelLimits } from './limits.ts';
import { matcherOf, type Matcher } from './match.ts';
import { Memo } from './memo.ts';
import { compileOverrides, overridesFor, type OverridePeriod, type Overrides, type PriceOverride } from './overrides.ts';
import { compileProvider, digestOf, tierRulesOf, type CompiledModel, type CompiledProvider } from './rules.ts';

export interface CatalogProvider {
  readonly id: string;
  readonly name: string;
  /** Regular expressions for the start of a base URL. */
  readonly hosts: readonly string[];
}

export interface CatalogModel {
  readonly provider: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly contextTokens: number | undefined;
  readonly deprecated: boolean;
  readonly limits: ModelLimits;
  /** In force at the time asked for. */
  readonly card: RateCard;
}

/** Models, prices and limits, as data with dates. Provider names are the catalog's: `openai`, `anthropic`, `google`, `x-ai` ... */
export interface Catalog {
  /** Names the price data: release and content hash of the base, and of our own rows. */
  readonly version: string;
  /** ISO date of the base data. */
  readonly asOf: string;
  /** The prices of a model at `at`, epoch ms; `undefined`: unknown. Remembered, so asking again is cheap. */
  find(provider: string, model: string, at: number): RateCard | undefined;
  /** The vendor's own provider of a bare model name: `claude-opus-5-5` -> `anthropic`. Names of local models (`llama3:8b`) have none. */
  vendorOf(model: string): string | undefined;
  providers(): readonly CatalogProvider[];
  /** The provider a base URL belongs to. */
  providerAt(baseUrl: string): string | undefined;
  /** With the prices at `at`, epoch ms; the user's own models are among them. */
  models(provider?: string, at?: number): readonly CatalogModel[];
  limits(provider: string, model: string): ModelLimits;
}

/** A longer model name is unknown without a look at it. */
export const modelNameLimit = 256;
/** Answers of `find` that are remembered, at most twice this many. */
export const memoLimit = 2000;

/** Reads the data files. @throws {RangeError} when an override cannot be read */
export function createCatalog({ overrides = [] }: { readonly overrides?: readonly PriceOverride[] } = {}): Catalog {
  return catalogOf(loadRates(), loadModifiers(), compileOverrides(overrides));
}

/** A price that holds under a condition; of several, the last that holds counts. */
interface Candidate {
  readonly since: number;
  readonly between: readonly [number, number] | undefined;
  readonly card: RateCard;
}

function catalogOf(rates: RatesFile, file: ModifiersFile, overrides: Overrides): Catalog {
  const providers = new Map(rates.providers.map((row) => [row.id, compileProvider(row, file.models, rates.source)]));
  const version = `${rates.version}.${digestOf(file)}`;
  const resolve = resolver(providers, file, overrides, version);
  const found = new Memo(memoLimit, resolve);
  const vendors = new Memo(memoLimit, vendorFinder(rates, file));
  const hosts = rates.providers.map(({ id, hosts }) => ({ id, patterns: hosts.map((host) => new RegExp(`^(?:${host})`)) }));
  const find = (provider: string, model: string, at: number): RateCard | undefined =>
    model.length > modelNameLimit ? undefined : inForce(found.get(`${provider}\n${model}`), at);
  return {
    version,
    asOf: rates.asOf,
    find,
    vendorOf: (model) => (model.length > modelNameLimit ? undefined : (vendors.get(model) ?? undefined)),
    providers: () => rates.providers.map(({ id, name, hosts }) => ({ id, name, hosts })),
    providerAt: (baseUrl) => hosts.find(({ patterns }) => patterns.some((pattern) => pattern.test(baseUrl)))?.id,
    models: (provider, at = Date.now()) => listModels(providers, { provider, at, file, overrides, version }),
    limits: (provider, model) => limitsOf(file, file.aliases[provider] ?? provider, model.toLowerCase()),
  };
}

function inForce(candidates: readonly Candidate[], at: number): RateCard | undefined {
  for (let index = candidates.length - 1; index >= 0; index--) {
    const { since, between, card } = candidates[index]!;
    if (since <= at && (!between || isWithin(between, at))) return card;
  }
  return undefined;
}

const secondsPerDay = 86_400;

function isWithin([start, end]: readonly [number, number], at: number): boolean {
  const seconds = (((at / 1000) % secondsPerDay) + secondsPerDay) % secondsPerDay;
  return end < start ? seconds >= start || seconds < end : seconds >= start && seconds < end;
}

/** From `provider\nmodel` to everything that may be its price. */
function resolver(
  providers: ReadonlyMap<string, CompiledProvider>,
  file: ModifiersFile,
  overrides: Overrides,
  version: string,
): (key: string) => readonly Candidate[] {
  return (key) => {
    const cut = key.indexOf('\n');
    const named = key.slice(0, cut);
    const provider = file.aliases[named] ?? named;
    const name = plainName(key.slice(cut + 1));
    const model = modelFor(providers, provider, name);
    const base = model ? candidatesOf(model, { provider, tierRules: tierRulesOf(file, provider, name), priceVersion: version }) : [];
    return [...base, ...overridesFor(overrides, [named, provider], name).map((period) => overrideCandidate(file, provider, name, period))];
  };
}

/** Lower case, without the path that Google puts before its models. */
const plainName = (model: string): string =>
  model
    .toLowerCase()
    .trim()
    .replace(/^.*\bmodels\//, '');

type OriginOf = Pick<CardOrigin, 'provider' | 'tierRules' | 'priceVersion'>;

const candidatesOf = ({ row, origin }: CompiledModel, rest: OriginOf): readonly Candidate[] =>
  row.prices.map((period) => candidateOf(row, period, { ...origin, ...rest }));

const candidateOf = (row: Pick<ModelRow, 'id'>, period: PricePeriod, origin: CardOrigin): Candidate => ({
  since: period.from === undefined ? -Infinity : Date.parse(period.from),
  between: period.between,
  card: cardOf(row, period, origin),
});

/** The user's price is for the region the user buys in: no residency premium on top. */
function overrideCandidate(file: ModifiersFile, provider: string, model: string, period: OverridePeriod): Candidate {
  const { inferenceGeo: _, ...tierRules } = tierRulesOf(file, provider, model);
  const priceVersion = `override+${digestOf(period.rates)}`;
  const card = cardOf({ id: model }, period, { provider, tierRules, source: 'configuration', confidence: 'vendor', priceVersion });
  return { since: period.since, between: undefined, card };
}

/** First as it stands, then with the date of its release written with dashes. */
function modelFor(providers: ReadonlyMap<string, CompiledProvider>, provider: string, name: string): CompiledModel | undefined {
  const dashed = name.replace(/-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, '-$1-$2-$3');
  const found = modelNamed(providers, provider, name);
  return found || dashed === name ? found : modelNamed(providers, provider, dashed);
}

function modelNamed(providers: ReadonlyMap<string, CompiledProvider>, provider: string, name: string): CompiledModel | undefined {
  const known = providers.get(provider);
  const matching = (compiled: CompiledProvider | undefined): CompiledModel | undefined =>
    compiled?.models.find(({ matches }) => matches(name));
  const own = matching(known);
  if (own) return own;
  for (const fallback of known?.row.fallback ?? []) {
    const model = matching(providers.get(fallback));
    if (model) return model;
  }
  return undefined;
}

/** Our rules first: they know direct vendors more exactly than the base data, which fills in the rest. `null`: none. */
function vendorFinder(rates: RatesFile, file: ModifiersFile): (model: string) => string | null {
  const ours = file.vendors.map(({ provider, match }) => ({ provider, matches: matcherOf(match) }));
  const known = new Set(ours.map(({ provider }) => provider));
  const base = rates.providers.flatMap(({ id, ownModels }): readonly { provider: string; matches: Matcher }[] =>
    ownModels && !known.has(id) ? [{ provider: id, matches: matcherOf(ownModels) }] : [],
  );
  return (model) => {
    const name = model.toLowerCase().trim();
    if (isLocalName(name)) return null;
    return [...ours, ...base].find(({ matches }) => matches(name))?.provider ?? null;
  };
}

/** `llama3:8b`, `gpt-oss:20b`: a tag, as local servers name their models; OpenAI's fine-tuned models have colons too. */
const isLocalName = (name: string): boolean => name.includes(':') && !name.startsWith('ft:');

interface Listing {
  readonly provider: string | undefined;
  readonly at: number;
  readonly file: ModifiersFile;
  readonly overrides: Overrides;
  readonly version: string;
}

function listModels(providers: ReadonlyMap<string, CompiledProvider>, listing: Listing): readonly CatalogModel[] {
  const { file, overrides, version, at } = listing;
  const wanted = listing.provider === undefined ? undefined : (file.aliases[listing.provider] ?? listing.provider);
  const seen = new Set<string>();
  const rows = [...providers.values()]
    .filter(({ row }) => wanted === undefined || row.id === wanted)
    .flatMap(({ row: { id: provider }, models }) =>
      models.flatMap((model): readonly CatalogModel[] => {
        const name = model.row.id.toLowerCase();
        const origin = { provider, tierRules: tierRulesOf(file, provider, name), priceVersion: version };
        const own = overridesFor(overrides, [provider], name).map((period) => overrideCandidate(file, provider, name, period));
        seen.add(name);
        const card = inForce([...candidatesOf(model, origin), ...own], at);
        return card ? [listed(model.row, card, limitsOf(file, provider, name))] : [];
      }),
    );
  return [...rows, ...ownModels(listing, wanted, seen)];
}

/** Overrides of models the catalog does not have. */
function ownModels({ overrides, file, at }: Listing, wanted: string | undefined, seen: ReadonlySet<string>): readonly CatalogModel[] {
  return [...overrides].flatMap(([name, periods]) => {
    const period = seen.has(name)
      ? undefined
      : periods.findLast(({ since, provider }) => since <= at && (wanted === undefined || provider === wanted));
    if (!period) return [];
    const provider = period.provider ?? '';
    return [listed({ id: name }, overrideCandidate(file, provider, name, period).card, limitsOf(file, provider, name))];
  });
}

const listed = (row: Partial<ModelRow> & Pick<ModelRow, 'id'>, card: RateCard, limits: ModelLimits): CatalogModel => ({
  provider: card.provider,
  id: row.id,
  name: row.name,
  contextTokens: row.contextTokens,
  deprecated: row.deprecated ?? false,
  limits,
  card,
});
