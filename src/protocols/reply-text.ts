import type { ApiId } from '../core/api.ts';
import { field, jsonText, list, strings, text } from './count.ts';

/** The text an event of a stream, or a whole body, brings: content, tool names and arguments, visible reasoning, refusals. */
export type TextOf = (event: unknown) => readonly string[];

/** Text that is a string, or a list of parts with text. */
const contentText = (content: unknown): readonly string[] =>
  Array.isArray(content)
    ? content.flatMap((part) => strings(field(part, 'text'), ...list(field(part, 'thinking')).map((inner) => field(inner, 'text'))))
    : strings(content);

const functionText = (call: unknown): readonly string[] => strings(field(call, 'name'), field(call, 'arguments'));

function messageText(message: unknown): readonly string[] {
  return [
    ...strings(field(message, 'reasoning_content') ?? field(message, 'reasoning')),
    ...contentText(field(message, 'content')),
    ...strings(field(message, 'refusal'), field(field(message, 'audio'), 'transcript')),
    ...list(field(message, 'tool_calls')).flatMap((call) => functionText(field(call, 'function'))),
    ...functionText(field(message, 'function_call')),
  ];
}

const chatText: TextOf = (event) =>
  list(field(event, 'choices')).flatMap((choice) => [
    ...messageText(field(choice, 'delta')),
    ...messageText(field(choice, 'message')),
    ...strings(field(choice, 'text')),
  ]);

/** A stream's deltas carry each text once; its other events repeat it. Audio deltas are bytes, not text. */
function responsesText(event: unknown): readonly string[] {
  const type = text(field(event, 'type'));
  if (type === 'response.output_item.added') return strings(field(field(event, 'item'), 'name'));
  if (type !== undefined) return /(?<!audio)\.delta$/.test(type) ? strings(field(event, 'delta')) : [];
  return list(field(event, 'output')).flatMap((item) => [
    ...contentText(field(item, 'summary')),
    ...contentText(field(item, 'content')),
    ...strings(field(item, 'name'), field(item, 'arguments'), field(item, 'input')),
  ]);
}

const blockText = (block: unknown): readonly string[] => [
  ...strings(field(block, 'thinking'), field(block, 'text'), field(block, 'name')),
  ...(isEmptyObject(field(block, 'input')) ? [] : jsonText(field(block, 'input'))),
];

const isEmptyObject = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function anthropicText(event: unknown): readonly string[] {
  const type = field(event, 'type');
  const delta = field(event, 'delta');
  if (type === 'content_block_delta') return strings(field(delta, 'thinking'), field(delta, 'text'), field(delta, 'partial_json'));
  if (type === 'content_block_start') return blockText(field(event, 'content_block'));
  return list(field(event, 'content')).flatMap(blockText);
}

const googleText: TextOf = (event) =>
  list(field(event, 'candidates')).flatMap((candidate) =>
    list(field(field(candidate, 'content'), 'parts')).flatMap((part) => [
      ...strings(field(part, 'text'), field(field(part, 'executableCode'), 'code')),
      ...jsonText(field(part, 'functionCall')),
    ]),
  );

/** Ollama's own API. */
export const ollamaText: TextOf = (event) => [
  ...strings(field(field(event, 'message'), 'thinking'), field(field(event, 'message'), 'content'), field(event, 'response')),
  ...list(field(field(event, 'message'), 'tool_calls')).flatMap((call) => jsonText(field(call, 'function'))),
];

/** Bedrock's Converse, and its stream's events under their names. */
export const bedrockText: TextOf = (event) => {
  const delta = field(field(event, 'contentBlockDelta'), 'delta');
  const tool = field(field(field(event, 'contentBlockStart'), 'start'), 'toolUse');
  return [
    ...strings(
      field(delta, 'text'),
      field(field(delta, 'reasoningContent'), 'text'),
      field(field(delta, 'toolUse'), 'input'),
      field(tool, 'name'),
    ),
    ...list(field(field(field(event, 'output'), 'message'), 'content')).flatMap((block) => [
      ...strings(field(block, 'text'), field(field(field(block, 'reasoningContent'), 'reasoningText'), 'text')),
      ...jsonText(field(field(block, 'toolUse'), 'input')),
    ]),
  ];
};

export const noText: TextOf = () => [];

export const replyTexts: Readonly<Record<ApiId, TextOf>> = {
  'openai.chat': chatText,
  'openai.completions': chatText,
  'openai.responses': responsesText,
  'openai.responses.input_tokens': noText,
  'openai.embeddings': noText,
  'anthropic.messages': anthropicText,
  'anthropic.count_tokens': noText,
  'google.generate_content': googleText,
  'google.count_tokens': noText,
  'google.embed_content': noText,
  'google.batch_embed_contents': noText,
  'bedrock.converse': bedrockText,
  passthrough: noText,
};
