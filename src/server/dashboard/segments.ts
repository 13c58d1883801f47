import type { Json, JsonObject } from '../../core/json.ts';
import type { PromptPart } from '../../core/record.ts';
import { contentText, listOf, objectOf, textOf } from '../../conversation/json-text.ts';

/** A stretch of a prompt, in the order in which a prompt cache sees it. */
export interface Stretch {
  readonly part: PromptPart;
  readonly text: string;
}

/** A request cut into stretches, one a message, block or list of tools; none where the API keeps its prompt otherwise. */
export function stretchesOf(body: Json): readonly Stretch[] {
  const request = objectOf(body);
  const config = objectOf(request['generationConfig']);
  const head = [
    ...written('tools', request['tools'] ?? request['functions'] ?? request['toolConfig']),
    ...written('tools', request['response_format'] ?? request['text'] ?? request['output_config'] ?? config['responseSchema']),
    ...written('system', request['system'] ?? request['instructions'] ?? systemOf(request)),
  ];
  const items = listOf(request['messages'] ?? request['input'] ?? request['contents']);
  const whole = typeof request['input'] === 'string' ? [{ part: 'user' as const, text: request['input'] }] : [];
  const lastTurn = items.findLastIndex((item) => textOf(objectOf(item)['role']) === 'assistant' || objectOf(item)['role'] === 'model') + 1;
  const said = items.flatMap((item, at) => itemStretches(objectOf(item), at >= lastTurn));
  return [...head, ...said, ...whole].filter(({ text }) => text !== '');
}

const systemOf = (request: JsonObject): Json | undefined => {
  const instruction = request['systemInstruction'] ?? request['system_instruction'];
  return typeof instruction === 'string' ? instruction : objectOf(instruction)['parts'];
};

const written = (part: PromptPart, value: Json | undefined): readonly Stretch[] =>
  value === undefined || value === null ? [] : [{ part, text: part === 'tools' ? JSON.stringify(value) : contentText(value) }];

function itemStretches(item: JsonObject, isNew: boolean): readonly Stretch[] {
  const own = partOfRole(textOf(item['role']), textOf(item['type']), isNew);
  const content = item['content'] ?? item['parts'] ?? item['output'];
  if (!Array.isArray(content)) {
    const text = typeof content === 'string' ? content : content === undefined ? bare(item) : contentText(content);
    return [{ part: own, text }, ...written('history', item['tool_calls'])];
  }
  const blocks = (content as readonly Json[]).map((block) => ({ part: partOfBlock(objectOf(block), own), text: contentText([block]) }));
  return [...blocks, ...written('history', item['tool_calls'])];
}

/** An item that is a call, or a result, and nothing beside. What a message calls is told beside it. */
const bare = (item: JsonObject): string => (item['tool_calls'] === undefined ? JSON.stringify(item) : '');

function partOfRole(role: string, type: string, isNew: boolean): PromptPart {
  if (role === 'system' || role === 'developer') return 'system';
  if (role === 'tool' || role === 'function' || type.endsWith('_output')) return 'toolResults';
  return role === 'user' && isNew ? 'user' : 'history';
}

function partOfBlock(block: JsonObject, own: PromptPart): PromptPart {
  const type = textOf(block['type']);
  if (type === 'tool_result' || block['functionResponse'] !== undefined || block['toolResult'] !== undefined) return 'toolResults';
  if (/image|audio|video/.test(type) || block['inlineData'] !== undefined || block['image'] !== undefined) return 'media';
  if (type === 'document' || type === 'search_result') return 'retrieved';
  return own;
}
