import type { Json, JsonObject } from '../../core/json.ts';
import type { HeaderOf, Reading } from '../generation.ts';
import { blockSegment, jsonSegment, messageOverheadTokens, promptOf, type MarkTtl, type Segment } from '../prompt/prompt.ts';
import { userText } from '../prompt/user-text.ts';
import { effortTokens, type Ask, type CallableTool, type ToolChoice } from '../reply/ask.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, numberOf, objectOf, textOf, wordOf } from '../wire/fields.ts';

export const marksMax = 4;
const samplingRefusedSince = '2026-10-21';

/** Prompt order: tools, system, messages. A change of tool choice, thinking or the presence of images changes the messages tier only. */
export function readMessages(body: JsonObject, model: string, header: HeaderOf): Reading {
  check(body, header);
  return { prompt: promptOf(marked(segmentsOf(body), body)), cache: {}, ask: askOf(body, model) };
}

/** Counts only; needs no `max_tokens`. */
export const readCount = (body: JsonObject): number => {
  if (listOf(body['messages']).length === 0) throw new VendorError(400, 'messages: at least one message is required');
  return promptOf(segmentsOf(body)).tokens;
};

function check(body: JsonObject, header: HeaderOf): void {
  if (listOf(body['messages']).length === 0) throw new VendorError(400, 'messages: at least one message is required');
  const limit = numberOf(body['max_tokens']);
  if (limit === undefined || limit < 0) throw new VendorError(400, 'max_tokens: Field required');
  const sampling = ['temperature', 'top_p', 'top_k'].find((field) => body[field] !== undefined);
  if (sampling !== undefined && (header('anthropic-version') ?? '') >= samplingRefusedSince)
    throw new VendorError(400, `${sampling}: not accepted by this version`);
}

function segmentsOf(body: JsonObject): readonly Segment[] {
  const system = typeof body['system'] === 'string' ? [body['system']] : listOf(body['system']);
  const format = outputFormat(body);
  const messages = listOf(body['messages']).map(objectOf);
  const salt = JSON.stringify([body['tool_choice'] ?? null, body['thinking'] ?? null, messages.some(hasImage)]);
  return [
    ...listOf(body['tools']).map((tool) => jsonSegment('tool', tool, markOf(tool))),
    ...(format === undefined ? [] : [jsonSegment('schema', format)]),
    ...system.map((block) => blockSegment('system', block, { overhead: messageOverheadTokens, mark: markOf(block) })),
    ...messages.flatMap((message, at) => messageSegments(message, at === 0 ? salt : '')),
  ];
}

function messageSegments(message: JsonObject, salt: string): readonly Segment[] {
  const { content } = message;
  const blocks: readonly Json[] = Array.isArray(content) ? (content as readonly Json[]) : [content ?? ''];
  return blocks.map((block, at) =>
    blockSegment(`${at === 0 ? salt : ''}${wordOf(message['role'])}`, block, {
      overhead: at === 0 ? messageOverheadTokens : 0,
      mark: markOf(block),
    }),
  );
}

const hasImage = (message: JsonObject): boolean => listOf(message['content']).some((block) => objectOf(block)['type'] === 'image');

function markOf(block: Json | undefined): MarkTtl | undefined {
  const control = objectOf(objectOf(block)['cache_control']);
  if (control['type'] !== 'ephemeral') return undefined;
  return control['ttl'] === '1h' ? '1h' : '5m';
}

/** A top-level `cache_control` marks the last block. */
function marked(segments: readonly Segment[], body: JsonObject): readonly Segment[] {
  const automatic = markOf(body);
  const last = segments.at(-1);
  const all =
    automatic === undefined || !last || last.mark !== undefined ? segments : [...segments.slice(0, -1), { ...last, mark: automatic }];
  const ttls = all.flatMap(({ mark }) => mark ?? []);
  if (ttls.length > marksMax)
    throw new VendorError(400, `a maximum of ${marksMax} blocks with cache_control may be provided, found ${ttls.length}`);
  if (ttls.lastIndexOf('1h') > ttls.indexOf('5m') && ttls.includes('5m'))
    throw new VendorError(400, 'cache_control with ttl 1h must come before ttl 5m');
  return all;
}

const outputFormat = (body: JsonObject): Json | undefined => {
  const format = objectOf(objectOf(body['output_config'])['format'] ?? body['output_format']);
  return format['type'] === 'json_schema' ? format['schema'] : undefined;
};

function askOf(body: JsonObject, model: string): Ask {
  const messages = listOf(body['messages']).map(objectOf);
  const last = messages.findLast((message) => message['role'] !== 'system');
  const schema = outputFormat(body);
  return {
    model,
    userText: userText(messages),
    afterToolResult: listOf(last?.['content']).some((block) => objectOf(block)['type'] === 'tool_result'),
    tools: callable(body['tools']),
    toolChoice: choiceOf(objectOf(body['tool_choice'])),
    parallelTools: objectOf(body['tool_choice'])['disable_parallel_tool_use'] !== true,
    ...(schema === undefined ? {} : { json: { schema } }),
    reasoningTokens: thinkingTokens(body),
    showReasoning: objectOf(body['thinking'])['display'] !== 'omitted',
    maxOutputTokens: numberOf(body['max_tokens']),
    choices: 1,
  };
}

/** Tools of the client's own; server tools and deferred ones are not called. */
const callable = (tools: Json | undefined): readonly CallableTool[] =>
  listOf(tools).flatMap((entry) => {
    const { name, input_schema: parameters, defer_loading: deferred } = objectOf(entry);
    return typeof name === 'string' && parameters !== undefined && deferred !== true ? [{ name, parameters }] : [];
  });

function choiceOf({ type, name }: JsonObject): ToolChoice {
  if (type === 'tool' && typeof name === 'string') return { type: 'named', name };
  if (type === 'any') return { type: 'required' };
  return { type: type === 'none' ? 'none' : 'auto' };
}

function thinkingTokens(body: JsonObject): number {
  const thinking = objectOf(body['thinking']);
  if (thinking['type'] !== 'enabled' && thinking['type'] !== 'adaptive') return 0;
  const effort = textOf(objectOf(body['output_config'])['effort']) ?? 'high';
  return Math.min(effortTokens[effort] ?? 0, numberOf(thinking['budget_tokens']) ?? Infinity);
}
