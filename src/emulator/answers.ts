import type { ApiId, Family } from '../core/api.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { readCount } from './anthropic/read-messages.ts';
import type { BillEntry } from './bill/bill.ts';
import { googleEmbedding, googleEmbeddings, openaiEmbeddings, type EmbeddingReply } from './embeddings.ts';
import { contentsPrompt } from './google/read-contents.ts';
import { readResponses } from './openai/read-responses.ts';
import type { EmulatorState } from './state.ts';
import { VendorError } from './wire/errors.ts';
import { objectOf } from './wire/fields.ts';

/** APIs that answer at once and do not stream. */
export type AnswerApi = Exclude<
  ApiId,
  'passthrough' | 'openai.chat' | 'openai.completions' | 'openai.responses' | 'anthropic.messages' | 'google.generate_content'
>;

/** A body, and the tokens it is billed for; none: free of charge. */
export interface Answer {
  readonly body: JsonObject;
  readonly billedTokens?: number;
}

const embedding = ({ body, inputTokens }: EmbeddingReply): Answer => ({ body, billedTokens: inputTokens });

export const answers: Readonly<Record<AnswerApi, (body: JsonObject, model: string) => Answer>> = {
  'openai.embeddings': (body, model) => embedding(openaiEmbeddings(body, model)),
  'google.embed_content': (body, model) => embedding(googleEmbedding(body, model)),
  'google.batch_embed_contents': (body, model) => embedding(googleEmbeddings(body, model)),
  'openai.responses.input_tokens': (body, model) => ({
    body: { object: 'response.input_tokens', input_tokens: readResponses(body, model).prompt.tokens },
  }),
  'anthropic.count_tokens': (body) => ({ body: { input_tokens: readCount(body) } }),
  'google.count_tokens': (body) => {
    const { tokens } = contentsPrompt(body['generateContentRequest'] === undefined ? body : objectOf(body['generateContentRequest']));
    return { body: { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] } };
  },
};

/** Books an answer that costs something. Embeddings have no response id on the wire, so the bill gives them one. */
export function bookAnswer(state: EmulatorState, answer: Answer, call: Pick<BillEntry, 'api' | 'vendor' | 'model'>): string {
  const responseId = state.newId('req_emu_');
  if (answer.billedTokens !== undefined)
    state.ledger.add({ ...call, responseId, at: state.now(), buckets: { input: answer.billedTokens }, complete: true });
  return responseId;
}

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
