import type { Json, JsonObject } from '../../core/json.ts';
import type { Exchange, GenerationApi, Step } from '../generation.ts';
import { sse } from '../wire/sse.ts';
import { listOf, objectOf, wordOf } from '../wire/fields.ts';
import { itemEvents, outputItems } from './response-items.ts';
import { readResponses } from './read-responses.ts';
import { expandPrevious, keepResponse } from './response-memory.ts';

export const responses: GenerationApi = {
  idPrefix: 'resp_emu_',
  namesWriteTtl: true,
  read: readResponses,
  expand: expandPrevious,
  keep: keepResponse,
  whole: (exchange) => finished(exchange),
  stream: responsesStream,
};

const cut = (exchange: Exchange): boolean => exchange.replies[0]!.finish === 'length';

function finished(exchange: Exchange): JsonObject {
  return {
    ...response(exchange, cut(exchange) ? 'incomplete' : 'completed'),
    completed_at: exchange.createdSeconds,
    incomplete_details: cut(exchange) ? { reason: 'max_output_tokens' } : null,
    output: outputItems(exchange),
    usage: exchange.omitUsage ? null : usage(exchange),
    tool_usage: toolUsage,
  };
}

/** The response object as it stands before anything is generated. Settings of the request are repeated, as the vendor does. */
function response(exchange: Exchange, status: string): JsonObject {
  const { body } = exchange;
  return {
    id: exchange.responseId,
    object: 'response',
    created_at: exchange.createdSeconds,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    model: exchange.model,
    output: [],
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    reasoning: { effort: objectOf(body['reasoning'])['effort'] ?? null, summary: objectOf(body['reasoning'])['summary'] ?? null },
    service_tier: 'default',
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: { format: objectOf(body['text'])['format'] ?? { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: listOf(body['tools']),
    top_p: body['top_p'] ?? 1,
    truncation: body['truncation'] ?? 'disabled',
    usage: null,
    user: body['user'] ?? null,
    metadata: { ...objectOf(body['metadata']), emulator: 'modicum' },
  };
}

function usage({ input, inputTokens, outputTokens, reasoningTokens }: Exchange): JsonObject {
  const { '30m': half = 0, '12h': long = 0 } = input.written;
  const split = half + long > 0 ? { cache_write_tokens_details: { ttl_30m_tokens: half, ttl_12h_tokens: long } } : {};
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: input.read, cache_write_tokens: half + long, ...split },
    output_tokens: outputTokens + reasoningTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens + reasoningTokens,
  };
}

const toolUsage: JsonObject = {
  image_gen: {
    input_tokens: 0,
    input_tokens_details: { image_tokens: 0, text_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { image_tokens: 0, text_tokens: 0 },
    total_tokens: 0,
  },
  web_search: { num_requests: 0 },
};

/** created, in_progress, the events of each item, completed (or incomplete); numbered from 0, no `[DONE]`. */
function responsesStream(exchange: Exchange): readonly Step[] {
  const begun: Json = response(exchange, 'in_progress');
  const last = cut(exchange) ? 'response.incomplete' : 'response.completed';
  const events = [
    { event: { type: 'response.created', response: begun } },
    { event: { type: 'response.in_progress', response: begun } },
    ...outputItems(exchange).flatMap((item, index) => itemEvents(exchange, item, index)),
    { event: { type: last, response: finished(exchange) } },
  ];
  return events.map(({ event, ...step }, number) => ({ ...step, bytes: sse({ ...event, sequence_number: number }, wordOf(event.type)) }));
}
