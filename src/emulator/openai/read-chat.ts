import type { Json, JsonObject } from '../../core/json.ts';
import type { CacheOptions } from '../cache/options.ts';
import type { Reading } from '../generation.ts';
import { blockSegment, jsonSegment, messageOverheadTokens, promptOf, replyOverheadTokens, type Segment } from '../prompt/prompt.ts';
import { userText } from '../prompt/user-text.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, numberOf, objectOf, without, wordOf } from '../wire/fields.ts';
import { cacheOptions, functionTools, jsonWanted, markOf, prewarmed, reasoningOf, toolChoiceOf } from './shared.ts';

export const choicesMax = 16;
const instructing = new Set(['system', 'developer']);

/** Prompt order: tools, the reply's schema, messages (system messages where they stand). */
export function readChat(body: JsonObject, model: string): Reading {
  const messages = listOf(body['messages']).map(objectOf);
  if (messages.length === 0) throw new VendorError(400, 'messages must be a list with at least one message', 'messages');
  const cache = cacheOptions(body);
  const json = jsonWanted(body['response_format']);
  const segments = [
    ...listOf(body['tools']).map((tool) => jsonSegment('tool', tool)),
    ...(json?.schema === undefined ? [] : [jsonSegment('schema', json.schema)]),
    ...messages.flatMap((message) => messageSegments(message, cache)),
  ];
  return { prompt: promptOf(segments, replyOverheadTokens), cache, ask: askOf(body, model, messages, json) };
}

function askOf(body: JsonObject, model: string, messages: readonly JsonObject[], json: Reading['ask']['json']): Reading['ask'] {
  const last = messages.findLast((message) => !instructing.has(wordOf(message['role'])));
  return {
    model,
    userText: userText(messages),
    afterToolResult: last?.['role'] === 'tool' || last?.['role'] === 'function',
    tools: functionTools(body['tools']),
    toolChoice: toolChoiceOf(body['tool_choice']),
    parallelTools: body['parallel_tool_calls'] !== false,
    ...(json === undefined ? {} : { json }),
    reasoningTokens: reasoningOf(body['reasoning_effort']),
    showReasoning: false,
    maxOutputTokens: numberOf(body['max_completion_tokens']) ?? numberOf(body['max_tokens']),
    choices: choicesOf(body['n']),
    silent: prewarmed(body),
  };
}

function choicesOf(value: Json | undefined): number {
  const count = numberOf(value) ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > choicesMax) throw new VendorError(400, `n must be between 1 and ${choicesMax}`, 'n');
  return count;
}

/** One segment a content block; tool calls and the rest of the message follow as one. */
function messageSegments(message: JsonObject, cache: CacheOptions): readonly Segment[] {
  const role = wordOf(message['role']);
  const content = message['content'];
  const blocks: readonly Json[] = Array.isArray(content)
    ? (content as readonly Json[])
    : content === null || content === undefined
      ? []
      : [content];
  const rest = without(message, new Set(['role', 'content', 'refusal', 'annotations', 'audio']));
  const others = Object.keys(rest).length === 0 ? [] : [rest];
  return [...blocks, ...others].map((block, at) =>
    blockSegment(role, block, { overhead: at === 0 ? messageOverheadTokens : 0, mark: markOf(block, cache) }),
  );
}
