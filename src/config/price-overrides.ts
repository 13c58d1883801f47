import type { OverridePrices, PriceOverride } from '../catalog/overrides.ts';
import { targetsOf } from './model.ts';
import type { Config } from './schema.ts';

/** The user's own prices, for the catalog: by the name the provider knows the model under, which replies carry. */
export const priceOverrides = ({ models }: Pick<Config, 'models'>): readonly PriceOverride[] =>
  Object.entries(models).flatMap(([name, entry]) => {
    const { prices } = entry;
    return prices ? targetsOf(name, entry).map(({ provider, model }) => ({ provider, model, prices: defined(prices) })) : [];
  });

const defined = (prices: object): OverridePrices =>
  Object.fromEntries(Object.entries(prices).filter(([, price]) => price !== undefined)) as OverridePrices;
