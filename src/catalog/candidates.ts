import { cardOf, type CardOrigin, type RateCard } from './card.ts';
import type { ModelRow, ModifiersFile, PricePeriod } from './data.ts';
import { overridesFor, type OverridePeriod, type Overrides } from './overrides.ts';
import { digestOf, tierRulesOf, type CompiledModel, type CompiledProvider } from './rules.ts';

/** A price that holds under a condition; of several, the last that holds counts. */
export interface Candidate {
  /** Epoch ms. */
  readonly since: number;
  /** Seconds of the UTC day; may pass midnight. */
  readonly between: readonly [number, number] | undefined;
  readonly card: RateCard;
}

/** What prices are made of. */
export interface PriceData {
  readonly providers: ReadonlyMap<string, CompiledProvider>;
  readonly file: ModifiersFile;
  readonly overrides: Overrides;
  /** Provider names of the user -> ids of the catalog. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly version: string;
}

export function inForce(candidates: readonly Candidate[], at: number): RateCard | undefined {
  for (let index = candidates.length - 1; index >= 0; index--) {
    const { since, between, card } = candidates[index]!;
    if (since <= at && (!between || isWithin(between, at))) return card;
  }
  return undefined;
}

const msPerDay = 86_400_000;

function isWithin([start, end]: readonly [number, number], at: number): boolean {
  const seconds = (((at % msPerDay) + msPerDay) % msPerDay) / 1000;
  return end < start ? seconds >= start || seconds < end : seconds >= start && seconds < end;
}

/** Everything that may be the price of a model at a provider named `named`: rows of the catalog, then prices of the user. */
export function candidatesFor(data: PriceData, named: string, model: string): readonly Candidate[] {
  const provider = catalogId(data, named);
  const name = plainName(model);
  const compiled = modelFor(data.providers, provider, name);
  return [...(compiled ? baseCandidates(data, provider, name, compiled) : []), ...overrideCandidates(data, named, name)];
}

/** The id under which the catalog has a provider. */
export const catalogId = ({ aliases, file }: PriceData, named: string): string => {
  const id = aliases[named] ?? named;
  return file.aliases[id] ?? id;
};

/** Lower case, without the path that Google puts before its models. */
export const plainName = (model: string): string =>
  model
    .toLowerCase()
    .trim()
    .replace(/^.*\bmodels\//, '');

export function baseCandidates(data: PriceData, provider: string, name: string, { row, origin }: CompiledModel): readonly Candidate[] {
  const whole = { ...origin, provider, tierRules: tierRulesOf(data.file, provider, name), priceVersion: data.version };
  return row.prices.map((period) => candidateOf(row, period, whole));
}

const candidateOf = (row: Pick<ModelRow, 'id'>, period: PricePeriod, origin: CardOrigin): Candidate => ({
  since: period.from === undefined ? -Infinity : Date.parse(period.from),
  between: period.between,
  card: cardOf(row, period, origin),
});

/** Of the user's prices for `name` (lower case), those that hold at a provider of this name. */
export function overrideCandidates(data: PriceData, named: string, name: string): readonly Candidate[] {
  return overridesFor(data.overrides, data.file.aliases[named] ?? named, name).map((period) =>
    overrideCandidate(data, catalogId(data, named), name, period),
  );
}

/** The user's price is for the region the user buys in: no residency premium on top. Batch, flex and the like still apply. */
export function overrideCandidate(data: PriceData, provider: string, name: string, period: OverridePeriod): Candidate {
  const { inferenceGeo: _, ...tierRules } = tierRulesOf(data.file, provider, name);
  const priceVersion = `override+${digestOf(period.rates)}`;
  return candidateOf({ id: name }, period, { provider, tierRules, source: 'configuration', confidence: 'user', priceVersion });
}

/** First as it stands, then with the date of its release written with dashes. */
export function modelFor(providers: PriceData['providers'], provider: string, name: string): CompiledModel | undefined {
  const dashed = name.replace(/-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, '-$1-$2-$3');
  const found = modelNamed(providers, provider, name);
  return found || dashed === name ? found : modelNamed(providers, provider, dashed);
}

function modelNamed(providers: PriceData['providers'], provider: string, name: string): CompiledModel | undefined {
  for (const id of [provider, ...(providers.get(provider)?.row.fallback ?? [])]) {
    const model = providers.get(id)?.models.find(({ matches }) => matches(name));
    if (model) return model;
  }
  return undefined;
}
