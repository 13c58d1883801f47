import type { Json, JsonObject } from '../../core/json.ts';
import type { CacheOptions } from '../cache/options.ts';
import { ttlMsOf } from '../cache/rules.ts';
import type { Exchange } from '../generation.ts';
import type { MarkTtl } from '../prompt/prompt.ts';
import { effortTokens, type Ask, type CallableTool, type ToolChoice } from '../reply/ask.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, objectOf, textOf } from '../wire/fields.ts';

export const fingerprint = 'modicum-emulator';

const ttlOf = (value: Json | undefined): MarkTtl | undefined => {
  const ttl = textOf(value);
  if (ttl === undefined || ttl === '30m' || ttl === '12h') return ttl;
  throw new VendorError(400, `ttl must be 30m or 12h, not ${ttl}`, 'prompt_cache_options.ttl');
};

/** `prompt_cache_retention` and `prompt_cache_options`. */
export function cacheOptions(body: JsonObject): CacheOptions {
  const options = objectOf(body['prompt_cache_options']);
  const mode = textOf(options['mode']);
  if (mode !== undefined && mode !== 'implicit' && mode !== 'explicit')
    throw new VendorError(400, `mode must be implicit or explicit, not ${mode}`, 'prompt_cache_options.mode');
  return { mode, ttl: ttlOf(options['ttl']), retentionMs: body['prompt_cache_retention'] === '24h' ? ttlMsOf['24h'] : undefined };
}

/** `prewarm`: fill the cache, generate nothing. */
export const prewarmed = (body: JsonObject): boolean => objectOf(body['prompt_cache_options'])['prewarm'] === true;

/** The lifetime a block's own breakpoint asks for; the request's, then 30 minutes, when it does not say. */
export function markOf(block: Json, options: CacheOptions): MarkTtl | undefined {
  const mark = objectOf(block)['prompt_cache_breakpoint'];
  return mark === undefined || mark === null ? undefined : (ttlOf(objectOf(mark)['ttl']) ?? options.ttl ?? '30m');
}

/** Functions of either API: nested under `function` (chat) or flat (responses). Other kinds of tools the emulator does not call. */
export function functionTools(tools: Json | undefined): readonly CallableTool[] {
  return listOf(tools).flatMap((entry) => {
    const tool = objectOf(entry);
    if (tool['type'] !== 'function' || tool['defer_loading'] === true) return [];
    const fn = tool['function'] === undefined ? tool : objectOf(tool['function']);
    const name = textOf(fn['name']);
    return name === undefined ? [] : [{ name, parameters: fn['parameters'] ?? undefined }];
  });
}

export function toolChoiceOf(choice: Json | undefined): ToolChoice {
  if (choice === 'none' || choice === 'required') return { type: choice };
  const named = objectOf(choice);
  const name = textOf(objectOf(named['function'])['name']) ?? textOf(named['name']);
  return name === undefined ? { type: 'auto' } : { type: 'named', name };
}

/** `response_format` of chat, or `text.format` of responses. */
export function jsonWanted(format: Json | undefined): Ask['json'] {
  const { type, json_schema: nested, schema } = objectOf(format);
  if (type === 'json_object') return { schema: undefined };
  return type === 'json_schema' ? { schema: objectOf(nested)['schema'] ?? schema } : undefined;
}

export const reasoningOf = (effort: Json | undefined): number => effortTokens[textOf(effort) ?? 'none'] ?? 0;

/** `usage` of chat and completions: totals include their parts. */
export function completionUsage({ input, inputTokens, outputTokens, reasoningTokens }: Exchange): JsonObject {
  const written = Object.values(input.written).reduce((sum, tokens) => sum + tokens, 0);
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens + reasoningTokens,
    total_tokens: inputTokens + outputTokens + reasoningTokens,
    prompt_tokens_details: { cached_tokens: input.read, audio_tokens: 0, ...(written > 0 ? { cache_write_tokens: written } : {}) },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** Numbers the tool calls of one reply in the style of `prefix`; recorded ids stay. */
export const callId = (exchange: Exchange, reply: number, index: number, given: string | undefined): string =>
  given ?? `call_emu_${exchange.responseId.slice(-12)}_${reply}${index}`;
