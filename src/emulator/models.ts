import type { Family } from '../core/api.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { VendorError } from './wire/errors.ts';

const created = 1_790_000_000;
const createdAt = new Date(created * 1000).toISOString();
type ModelShape = (id: string) => JsonObject;
const shapes: Readonly<Record<Family, ModelShape>> = {
  openai: (id) => ({ id, object: 'model', created, owned_by: 'modicum-emulator' }),
  anthropic: (id) => ({
    type: 'model',
    id,
    display_name: `${id} (emulator)`,
    created_at: createdAt,
    capabilities: null,
    deprecated_at: null,
    lifecycle: 'active',
    max_input_tokens: 1_000_000,
    max_tokens: 128_000,
  }),
  google: (id) => ({
    name: `models/${id}`,
    baseModelId: id,
    version: 'emulator',
    displayName: `${id} (emulator)`,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: id.includes('embedding') ? ['embedContent', 'batchEmbedContents'] : ['generateContent', 'countTokens'],
  }),
  bedrock: (id) => ({ modelId: id, modelName: `${id} (emulator)`, responseStreamingSupported: true }),
};

/** The list of models, or one of them, as its family shows it. @throws {VendorError} 404 */
export function modelsAnswer(family: Family, models: readonly string[], model: string | undefined): JsonObject {
  if (model !== undefined) {
    if (models.includes(model)) return shapes[family](model);
    throw new VendorError(404, `the model ${model} does not exist`, 'model');
  }
  const data: readonly Json[] = models.map(shapes[family]);
  if (family === 'google') return { models: data };
  if (family === 'openai') return { object: 'list', data };
  return { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
}
