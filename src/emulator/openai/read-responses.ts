import type { Json, JsonObject } from '../../core/json.ts';
import type { Reading } from '../generation.ts';
import { blockSegment, jsonSegment, messageOverheadTokens, promptOf, replyOverheadTokens, type Segment } from '../prompt/prompt.ts';
import type { CacheOptions } from '../cache/options.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, numberOf, objectOf, without, wordOf } from '../wire/fields.ts';
import { userText } from '../prompt/user-text.ts';
import { cacheOptions, functionTools, jsonWanted, markOf, prewarmed, reasoningOf, toolChoiceOf } from './shared.ts';

/** Input items as a list; a plain text is one user message. */
export function inputItems(body: JsonObject): readonly JsonObject[] {
  const { input } = body;
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return listOf(input).map(objectOf);
}

/** Prompt order: tools, instructions, the reply's schema, input items. */
export function readResponses(body: JsonObject, model: string): Reading {
  const items = inputItems(body);
  if (items.length === 0 && body['prompt'] === undefined) throw new VendorError(400, 'input is missing', 'input');
  const cache = cacheOptions(body);
  const json = jsonWanted(objectOf(body['text'])['format']);
  const instructions = typeof body['instructions'] === 'string' ? [body['instructions']] : [];
  const segments = [
    ...listOf(body['tools']).map((tool) => jsonSegment('tool', tool)),
    ...instructions.map((text) => blockSegment('system', text, { overhead: messageOverheadTokens })),
    ...(json?.schema === undefined ? [] : [jsonSegment('schema', json.schema)]),
    ...items.flatMap((item) => itemSegments(item, cache)),
  ];
  return { prompt: promptOf(segments, replyOverheadTokens), cache, ask: askOf(body, model, items, json) };
}

function askOf(body: JsonObject, model: string, items: readonly JsonObject[], json: Reading['ask']['json']): Reading['ask'] {
  const reasoning = objectOf(body['reasoning']);
  const last = items.findLast((item) => !['system', 'developer'].includes(wordOf(item['role'])));
  return {
    model,
    userText: userText(items),
    afterToolResult: wordOf(last?.['type']).endsWith('_output'),
    tools: functionTools(body['tools']),
    toolChoice: toolChoiceOf(body['tool_choice']),
    parallelTools: body['parallel_tool_calls'] !== false,
    ...(json === undefined ? {} : { json }),
    reasoningTokens: reasoningOf(reasoning['effort']),
    showReasoning: reasoning['summary'] !== undefined && reasoning['summary'] !== null,
    maxOutputTokens: numberOf(body['max_output_tokens']),
    choices: 1,
    silent: prewarmed(body),
  };
}

function itemSegments(item: JsonObject, cache: CacheOptions): readonly Segment[] {
  const role = wordOf(item['role'] ?? item['type']);
  const { content } = item;
  const blocks: readonly Json[] = Array.isArray(content) ? (content as readonly Json[]) : [content ?? without(item, new Set(['role']))];
  return blocks.map((block, at) =>
    blockSegment(role, block, { overhead: at === 0 ? messageOverheadTokens : 0, mark: markOf(block, cache) }),
  );
}
