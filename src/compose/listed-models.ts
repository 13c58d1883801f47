import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { ListedModel } from '../server/models.ts';
import { listedAliases } from './routes.ts';

/** What `/v1/models` lists: models of the providers, those named in the configuration, and aliases. */
export function listedModels(config: Config, catalog: Catalog): readonly ListedModel[] {
  const own = Object.entries(config.models).map(([id, { provider }]) => ({ id, provider }));
  const served = Object.values(config.providers).flatMap(({ name, models, prices }) =>
    (models ?? (prices === undefined ? [] : catalog.models(prices).map(({ id }) => id))).map((id) => ({ id, provider: name })),
  );
  const models = new Map([...served, ...own].map((model) => [model.id, model]));
  return [...models.values(), ...listedAliases(config, models)];
}
