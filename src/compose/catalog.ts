import { createCatalog, type Catalog, type CatalogOptions } from '../catalog/catalog.ts';
import { capabilityOverrides } from '../config/capability-overrides.ts';
import { priceOverrides } from '../config/price-overrides.ts';
import type { Config } from '../config/schema.ts';

/** The user's names of providers -> ids of the catalog. */
export const aliasesOf = ({ providers }: Pick<Config, 'providers'>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.values(providers).flatMap(({ name, prices }) => (prices === undefined ? [] : [[name, prices]])));

/** The configuration's own prices and abilities. Plain data: a thread may get it. */
export const catalogOptionsOf = (config: Config): CatalogOptions => ({
  overrides: priceOverrides(config),
  aliases: aliasesOf(config),
  capabilities: capabilityOverrides(config),
});

/** Prices and abilities of models, with the configuration's own. */
export const catalogOf = (config: Config): Catalog => createCatalog(catalogOptionsOf(config));
