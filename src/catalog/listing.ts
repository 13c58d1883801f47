import type { RateCard } from './card.ts';
import { baseCandidates, catalogId, inForce, overrideCandidate, overrideCandidates, type PriceData } from './candidates.ts';
import type { ModelRow } from './data.ts';
import { limitsOf, type ModelLimits } from './limits.ts';
import type { OverridePeriod } from './overrides.ts';
import type { CompiledModel } from './rules.ts';

export interface CatalogModel {
  /** Id of the catalog, or the user's name of a provider with prices of its own; empty for a price at any provider. */
  readonly provider: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly contextTokens: number | undefined;
  readonly deprecated: boolean;
  readonly limits: ModelLimits;
  /** The prices in force at the time asked for. */
  readonly card: RateCard;
}

/** The catalog's models in its order, then the user's own. `named`: only of this provider. */
export function listModels(data: PriceData, named: string | undefined, at: number): readonly CatalogModel[] {
  const wanted = named === undefined ? [...data.providers.keys()] : [catalogId(data, named)];
  const rows = wanted.flatMap((provider) => (data.providers.get(provider)?.models ?? []).map((model) => ({ provider, model })));
  const listed = rows.flatMap(({ provider, model }) => catalogModel(data, provider, model, at));
  const seen = new Set(rows.flatMap(({ provider, model: { row } }) => [row.id.toLowerCase(), `${provider}\n${row.id.toLowerCase()}`]));
  return [...listed, ...userModels(data, named, at, seen)];
}

function catalogModel(data: PriceData, provider: string, model: CompiledModel, at: number): readonly CatalogModel[] {
  const name = model.row.id.toLowerCase();
  const card = inForce([...baseCandidates(data, provider, name, model), ...overrideCandidates(data, provider, name)], at);
  return card ? [entry(data, provider, model.row, card)] : [];
}

/** Prices of the user's that no row of the catalog shows. `seen`: names of rows, alone and after their provider. */
function userModels(data: PriceData, named: string | undefined, at: number, seen: ReadonlySet<string>): readonly CatalogModel[] {
  const wanted = named === undefined ? undefined : (data.file.aliases[named] ?? named);
  return [...data.overrides].flatMap(([name, periods]) => {
    const current = periods.filter(({ since, provider }) => {
      const shown = seen.has(provider === undefined ? name : `${provider}\n${name}`);
      return since <= at && !shown && (wanted === undefined || provider === wanted);
    });
    return lastOfEach(current).map((period) => {
      const provider = period.provider ?? '';
      return entry(data, provider, { id: name }, overrideCandidate(data, provider, name, period).card);
    });
  });
}

/** Periods are in order of time: the last one of a provider is in force. */
const lastOfEach = (periods: readonly OverridePeriod[]): readonly OverridePeriod[] => [
  ...new Map(periods.map((period) => [period.provider, period])).values(),
];

const entry = (data: PriceData, provider: string, row: Partial<ModelRow> & Pick<ModelRow, 'id'>, card: RateCard): CatalogModel => ({
  provider,
  id: row.id,
  name: row.name,
  contextTokens: row.contextTokens,
  deprecated: row.deprecated ?? false,
  limits: limitsOf(data.file, provider, row.id.toLowerCase()),
  card,
});
