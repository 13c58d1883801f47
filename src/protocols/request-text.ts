import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import { field, jsonText, list, parsed, strings } from './count.ts';

/** No more characters of a request are given out. */
export const maxRequestTextLength = 8 << 20;

/** All text of a request that a model would read: instructions, messages, tool definitions. Media are left out. For estimates when the provider told nothing. */
export function requestText(api: ApiId, body: Bytes): string {
  const request = parsed(body);
  const joined = request === undefined ? body.toString('utf8', 0, maxRequestTextLength) : requestTexts[api](request).join('\n');
  return joined.slice(0, maxRequestTextLength);
}

type TextsOf = (request: unknown) => readonly string[];

const jsonOf = (request: unknown, ...keys: readonly string[]): readonly string[] => keys.flatMap((key) => jsonText(field(request, key)));
const each = (value: unknown, texts: (element: unknown) => readonly string[]): readonly string[] =>
  list(value).flatMap((element) => [...texts(element)]);

const chat: TextsOf = (request) => [
  ...each(field(request, 'messages'), (message) => [
    ...contentTexts(field(message, 'content')),
    ...strings(field(message, 'name'), field(message, 'reasoning_content'), field(message, 'refusal')),
    ...each(field(message, 'tool_calls'), (call) =>
      strings(field(field(call, 'function'), 'name'), field(field(call, 'function'), 'arguments')),
    ),
  ]),
  ...jsonOf(request, 'tools', 'functions', 'response_format'),
];

/** A string, or parts with text; in some APIs parts hold content again (tool results, search results). */
function contentTexts(content: unknown, depth = 8): readonly string[] {
  if (typeof content === 'string') return strings(content);
  if (depth === 0) return [];
  return each(content, (part) => [
    ...strings(field(part, 'text'), field(part, 'thinking'), field(part, 'title'), field(part, 'refusal')),
    ...toolTexts(part),
    ...contentTexts(field(part, 'content'), depth - 1),
    ...sourceTexts(field(part, 'source')),
  ]);
}

/** Anthropic's tool use: a name and an input of any shape. */
const toolTexts = (part: unknown): readonly string[] => [...strings(field(part, 'name')), ...jsonOf(part, 'input')];

/** Documents given as plain text; all other sources are media or links. */
const sourceTexts = (source: unknown): readonly string[] =>
  field(source, 'type') === 'text' ? strings(field(source, 'data')) : contentTexts(field(source, 'content'));

const responses: TextsOf = (request) => [
  ...strings(field(request, 'instructions'), field(request, 'input')),
  ...each(field(request, 'input'), (item) => [
    ...contentTexts(field(item, 'content')),
    ...contentTexts(field(item, 'output')),
    ...contentTexts(field(item, 'summary')),
    ...strings(field(item, 'name'), field(item, 'arguments'), field(item, 'input')),
  ]),
  ...jsonOf(request, 'tools'),
  ...jsonText(field(field(request, 'text'), 'format')),
];

const anthropic: TextsOf = (request) => [
  ...contentTexts(field(request, 'system')),
  ...each(field(request, 'messages'), (message) => contentTexts(field(message, 'content'))),
  ...jsonOf(request, 'tools'),
];

const googleParts = (content: unknown): readonly string[] =>
  typeof content === 'string'
    ? [content]
    : each(field(content, 'parts'), (part) => [
        ...strings(field(part, 'text')),
        ...jsonOf(part, 'functionCall', 'functionResponse', 'executableCode'),
      ]);

const google: TextsOf = (request) => {
  const inner = field(request, 'generateContentRequest') ?? request; // countTokens may wrap it
  const config = field(inner, 'generationConfig');
  return [
    ...googleParts(field(inner, 'systemInstruction') ?? field(inner, 'system_instruction')),
    ...each(field(inner, 'contents'), googleParts),
    ...googleParts(field(inner, 'content')),
    ...each(field(inner, 'requests'), (one) => googleParts(field(one, 'content'))),
    ...jsonOf(inner, 'tools'),
    ...jsonOf(config, 'responseSchema', 'responseJsonSchema'),
  ];
};

/** A string, a list of strings, or tokens: each token of a list stands as a word of one letter, which is about one token again. */
function plain(input: unknown, depth = 2): readonly string[] {
  if (typeof input === 'string') return [input];
  const elements = list(input);
  if (typeof elements[0] === 'number') return [' x'.repeat(elements.length)];
  return depth === 0 ? [] : elements.flatMap((element) => plain(element, depth - 1));
}

/** Bedrock's Converse: texts stand in blocks of messages, of `system` and of tool results. */
const bedrock: TextsOf = (request) => [
  ...each(field(request, 'system'), (block) => strings(field(block, 'text'))),
  ...each(field(request, 'messages'), (message) => each(field(message, 'content'), bedrockBlock)),
  ...jsonOf(request, 'toolConfig'),
];

const bedrockBlock: TextsOf = (block) => [
  ...strings(field(block, 'text'), field(field(field(block, 'reasoningContent'), 'reasoningText'), 'text')),
  ...jsonOf(field(block, 'toolUse'), 'input'),
  ...each(field(field(block, 'toolResult'), 'content'), (inner) => [...strings(field(inner, 'text')), ...jsonOf(inner, 'json')]),
];

const requestTexts: Readonly<Record<ApiId, TextsOf>> = {
  'openai.chat': chat,
  'openai.completions': (request) => [...plain(field(request, 'prompt')), ...strings(field(request, 'suffix'))],
  'openai.responses': responses,
  'openai.responses.input_tokens': responses,
  'openai.embeddings': (request) => plain(field(request, 'input')),
  'anthropic.messages': anthropic,
  'anthropic.count_tokens': anthropic,
  'google.generate_content': google,
  'google.count_tokens': google,
  'google.embed_content': google,
  'google.batch_embed_contents': google,
  'bedrock.converse': bedrock,
  passthrough: () => [],
};
