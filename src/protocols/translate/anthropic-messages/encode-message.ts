import type { AssistantMessage, Message, Role } from '../../../core/canonical/message.ts';
import type { AssistantPart, ReasoningPart, TextPart, ToolResultPart, UserPart } from '../../../core/canonical/part.ts';
import type { Feature } from '../../../core/canonical/feature.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { argumentsOf } from '../custom-tool.ts';
import { isMixed } from '../facts.ts';
import { documentBlock, imageBlock } from './encode-media.ts';
import type { Lost, Marks } from './marks.ts';
import { toolId } from './tool-id.ts';

export interface EncodeContext {
  readonly lost: Lost;
  readonly marks: Marks;
}

type Blocks = readonly JsonObject[];

interface Turn {
  readonly role: 'user' | 'assistant' | 'system';
  content: Blocks;
}

const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer';

/** Anthropic wants at least one message: instructions alone are sent as a user's. */
export const hasOnlyInstructions = (messages: readonly Message[]): boolean => messages.every(isInstruction);

/** Instructions before all other messages: the top level's `system`. */
export function encodeSystem(messages: readonly Message[], context: EncodeContext): Blocks {
  const first = messages.findIndex((message) => !isInstruction(message));
  return messages.slice(0, first).flatMap((message) => contentOf(message, context));
}

const turnRoles: Readonly<Record<Role, Turn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  tool: 'user',
  assistant: 'assistant',
};

/** The list of `messages`: neighbours of one role are one. Gives a function to be called when the marks are settled. */
export function encodeMessages(messages: readonly Message[], context: EncodeContext): () => readonly Json[] {
  const turns: Turn[] = [];
  const alone = hasOnlyInstructions(messages);
  if (alone) context.lost.set('text', "instructions alone are sent as a user's message");
  const first = alone ? 0 : messages.findIndex((message) => !isInstruction(message));
  for (const message of messages.slice(first)) {
    const content = contentOf(message, context);
    if (content.length > 0) add(turns, { role: alone ? 'user' : turnRoles[message.role], content }, context.lost);
  }
  return () => turns.map(({ role, content }) => ({ role, content: shortest(content) }));
}

function add(turns: Turn[], turn: Turn, lost: Lost): void {
  const last = turns.at(-1);
  if (last?.role !== turn.role || turn.role === 'system') {
    turns.push(turn);
    return;
  }
  if (turn.role === 'assistant') lost.set('message.order', 'neighbouring answers are one');
  last.content = [...last.content, ...turn.content];
}

/** One bare text is a string. */
function shortest(content: Blocks): Json {
  const [only] = content;
  const bare = content.length === 1 && only?.['type'] === 'text' && Object.keys(only).length === 2;
  return bare ? (only['text'] as string) : content;
}

function contentOf(message: Message, context: EncodeContext): Blocks {
  const [only] = message.parts;
  if (only?.type === 'text' && message.parts.length === 1 && !isInstruction(message)) return textBlock(only, context); // most are
  switch (message.role) {
    case 'user':
      return message.parts.flatMap((part) => userBlock(part, context));
    case 'assistant':
      return assistantBlocks(message, context);
    case 'tool':
      return message.parts.map((part) => resultBlock(part, context));
    default:
      return message.parts.flatMap((part) => textBlock(part, context, ['text', 'message.system_later']));
  }
}

/** Anthropic refuses blank texts. */
function textBlock(
  { text, cache }: Omit<TextPart, 'type'>,
  { marks, lost }: EncodeContext,
  features: readonly Feature[] = ['text'],
): Blocks {
  if (/\S/.test(text)) return [marks.on({ type: 'text', text }, cache)];
  if (text !== '') for (const feature of features) lost.set(feature, 'Anthropic takes no text of white space alone');
  return [];
}

function userBlock(part: UserPart, context: EncodeContext): Blocks {
  switch (part.type) {
    case 'text':
      return textBlock(part, context);
    case 'image':
      return [context.marks.on(imageBlock(part), part.cache)];
    case 'file':
      return [context.marks.on(documentBlock(part, context.lost), part.cache)];
    default:
      return []; // refused or dropped by the table
  }
}

function resultBlock(part: ToolResultPart, { lost, marks }: EncodeContext): JsonObject {
  const content = part.content.map((inner) => {
    if (inner.type === 'text') return marks.on({ type: 'text', text: inner.text }, inner.cache);
    return marks.on(inner.type === 'image' ? imageBlock(inner) : documentBlock(inner, lost), inner.cache);
  });
  const block = {
    type: 'tool_result',
    tool_use_id: toolId(part.callId, 'tool_result', lost),
    content: content.length > 0 ? shortest(content) : undefined,
  };
  return marks.on(part.isError ? { ...block, is_error: true } : block, part.cache);
}

function assistantBlocks({ parts }: AssistantMessage, context: EncodeContext): Blocks {
  const blocks = parts.map((part) => assistantBlock(part, context));
  const isWhole = parts.every(({ type }, at) => type !== 'refusal' && blocks[at]!.length > 0);
  if (!isWhole && isMixed(parts)) context.lost.set('message.order', 'not all of the answer is sent');
  return blocks.flat();
}

function assistantBlock(part: AssistantPart, context: EncodeContext): Blocks {
  switch (part.type) {
    case 'text':
      return textBlock(part, context);
    case 'refusal':
      return textBlock({ text: part.text }, context);
    case 'reasoning':
      return thoughtBlock(part, context.lost);
    case 'tool-call': {
      const { id, name, cache } = part;
      const block = { type: 'tool_use', id: toolId(id, 'tool_call', context.lost), name, input: inputOf(part, context.lost) };
      return [context.marks.on(block, cache)];
    }
    default:
      return []; // dropped by the table
  }
}

/** Anthropic takes back only thoughts of its own models, sealed as they came. */
function thoughtBlock({ text, seal }: ReasoningPart, lost: Lost): Blocks {
  const isOwn = seal?.family === 'anthropic';
  if (isOwn && seal.kind === 'signature') return [{ type: 'thinking', thinking: text, signature: seal.data }];
  if (isOwn && seal.kind === 'redacted' && text === '') return [{ type: 'redacted_thinking', data: seal.data }];
  lost.set('reasoning', 'Anthropic takes back only thoughts that it has sealed itself');
  if (seal) lost.set('reasoning.seal', 'of no use to another model');
  return [];
}

function inputOf({ arguments: text, custom }: Extract<AssistantPart, { type: 'tool-call' }>, lost: Lost): Json {
  if (custom) return JSON.parse(argumentsOf(text)) as Json;
  const value = objectOf(text === '' ? '{}' : text);
  if (value) return value;
  lost.set('tool_call', 'arguments that are no JSON object are sent as a text inside one');
  return JSON.parse(argumentsOf(text)) as Json;
}

function objectOf(json: string): JsonObject | undefined {
  try {
    const value = JSON.parse(json) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
