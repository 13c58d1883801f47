import type { CapabilityOverride } from '../catalog/capabilities.ts';
import { targetsOf } from './model.ts';
import type { Config } from './schema.ts';

/** What the user says of models, for the catalog: by the name the provider knows the model under. */
export const capabilityOverrides = ({ models }: Pick<Config, 'models'>): readonly CapabilityOverride[] =>
  Object.entries(models).flatMap(([name, entry]) => {
    const { limits, capabilities } = entry;
    if (!limits && !capabilities) return [];
    return targetsOf(name, entry).map(({ provider, model }) => ({ provider, model, capabilities: { ...capabilities, ...limits } }));
  });
