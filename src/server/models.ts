import type { Family } from '../core/api.ts';
import type { Json, JsonObject } from '../core/json.ts';

/** A model as the gateway lists it. */
export interface ListedModel {
  /** As a client names it in a call. */
  readonly id: string;
  readonly provider: string;
  /** Epoch seconds; unknown counts as the epoch. */
  readonly created?: number;
  readonly displayName?: string;
  /** Tokens of input and output together. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  /**
   * The system prompt Codex shall use with this model. Codex takes a listed model's prompt in place of its own, and refuses a list in which one is
   * missing (NVIDIA-NeMo/Switchyard #565), so a model without one stays out of Codex's list and keeps the prompt Codex has for it.
   */
  readonly codexInstructions?: string;
}

interface ModelsRequest {
  /** `google` where the path says so. */
  readonly family: Family | undefined;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly models: readonly ListedModel[];
  /** Asks for one model. */
  readonly id?: string;
  /** Under `/v1beta`. */
  readonly googlePath: boolean;
}

/**
 * The answer to a listing of models, or to the question for one. Google's form where the path or `x-goog-api-key` asks for it; else one body that
 * OpenAI's, Anthropic's and Codex's clients can all read. It always holds all models: `limit` and `after_id` are not needed to see the rest.
 * 404 without a body: no such model, which each protocol says in its own way.
 */
export function modelsBody({ family, headers, models, id, googlePath }: ModelsRequest): { readonly status: number; readonly body: Json } {
  const isGoogle = googlePath || family === 'google' || headers['x-goog-api-key'] !== undefined;
  if (id === undefined) return { status: 200, body: isGoogle ? { models: models.map(googleModel) } : commonList(models) };
  const found = models.find((model) => model.id === id);
  if (!found) return { status: 404, body: null };
  return { status: 200, body: isGoogle ? googleModel(found) : commonModel(found) };
}

function commonList(models: readonly ListedModel[]): JsonObject {
  return {
    object: 'list',
    data: models.map(commonModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
    models: models.filter(({ codexInstructions }) => codexInstructions !== undefined).map(codexModel),
  };
}

/** OpenAI's fields and Anthropic's in one object. */
const commonModel = ({ id, provider, created = 0, displayName = id, contextWindow, maxOutputTokens }: ListedModel): JsonObject => ({
  id,
  object: 'model',
  created,
  owned_by: provider,
  type: 'model',
  display_name: displayName,
  created_at: new Date(created * 1000).toISOString(),
  max_input_tokens: contextWindow ?? null,
  max_tokens: maxOutputTokens ?? null,
});

/** What Gemini's clients may call on any model the gateway serves. */
const googleMethods = ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent', 'batchEmbedContents'];

const googleModel = ({ id, displayName = id, contextWindow, maxOutputTokens }: ListedModel): JsonObject => ({
  name: `models/${id}`,
  displayName,
  ...(contextWindow !== undefined && { inputTokenLimit: contextWindow }),
  ...(maxOutputTokens !== undefined && { outputTokenLimit: maxOutputTokens }),
  supportedGenerationMethods: googleMethods,
});

/**
 * Every field that some version of Codex from 0.143 to 0.15x requires; unknown ones it ignores, one missing empties its whole list.
 * Values claim no more than is known: what a model can do beyond text, Codex does not get to hear from here.
 */
const codexModel = ({ id, displayName = id, contextWindow, codexInstructions }: ListedModel, priority: number): JsonObject => ({
  slug: id,
  display_name: displayName,
  description: null,
  supported_reasoning_levels: [],
  shell_type: 'shell_command',
  visibility: 'list',
  supported_in_api: true,
  priority,
  availability_nux: null,
  upgrade: null,
  base_instructions: codexInstructions,
  supports_reasoning_summaries: false,
  support_verbosity: false,
  default_verbosity: null,
  apply_patch_tool_type: null,
  truncation_policy: { mode: 'bytes', limit: 10_000 },
  supports_parallel_tool_calls: false,
  experimental_supported_tools: [],
  input_modalities: ['text'],
  ...(contextWindow !== undefined && { context_window: contextWindow }),
});
