import type { ModelConfig, ParsedConfig } from './schema.ts';

type ParsedModel = ParsedConfig['models'][string];

/** A model's places as written, one or several, the names that were left out filled in. */
export function targetsOf(
  name: string,
  { provider, model, targets }: Pick<ParsedModel, 'provider' | 'model' | 'targets'>,
): readonly { readonly provider: string; readonly model: string; readonly weight: number; readonly apiKey?: string | undefined }[] {
  const single = provider === undefined ? [] : [{ provider, model: model ?? name, weight: 1 }];
  return targets?.map((target) => ({ ...target, model: target.model ?? model ?? name })) ?? single;
}

/** Fills in what a model's entry leaves out. */
export function completeModel(name: string, entry: ParsedModel): ModelConfig {
  const [first] = targetsOf(name, entry);
  return { ...entry, provider: first?.provider ?? '', model: first?.model ?? name };
}

export const completeModels = (models: ParsedConfig['models']): Readonly<Record<string, ModelConfig>> =>
  Object.fromEntries(Object.entries(models).map(([name, entry]) => [name, completeModel(name, entry)]));
