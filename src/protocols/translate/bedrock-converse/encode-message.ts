import { createHash } from 'node:crypto';
import type { CacheMark } from '../../../core/canonical/cache.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../core/canonical/part.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { argumentsOf } from '../custom-tool.ts';
import { refused } from '../losses.ts';
import type { Lost } from './encode-call.ts';

type Blocks = readonly JsonObject[];

const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer';

/** Where the conversation begins; instructions alone are sent as a user's message, for Converse wants one. */
function firstOf(messages: readonly Message[]): number {
  const first = messages.findIndex((message) => !isInstruction(message));
  return first === -1 ? 0 : first;
}

/** Instructions before all other messages. */
export const encodeSystem = (messages: readonly Message[], lost: Lost): Blocks =>
  messages
    .slice(0, firstOf(messages))
    .flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? textBlocks(part, lost) : [])));

interface Turn {
  readonly role: 'user' | 'assistant';
  content: Blocks;
}

/** The list of `messages`: neighbours of one role are one. */
export function encodeMessages(messages: readonly Message[], lost: Lost): readonly Json[] {
  const turns: Turn[] = [];
  if (messages.every(isInstruction)) lost.set('text', "instructions alone are sent as a user's message");
  for (const message of messages.slice(firstOf(messages))) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = contentOf(message, lost);
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content = [...last.content, ...content];
    else turns.push({ role, content });
  }
  return turns.map(({ role, content }) => ({ role, content }));
}

function contentOf(message: Message, lost: Lost): Blocks {
  switch (message.role) {
    case 'assistant':
      return message.parts.flatMap((part) => assistantBlocks(part, lost));
    case 'tool':
      return message.parts.flatMap((part) => [resultBlock(part, lost), ...cachePoint(part.cache, lost)]);
    default:
      return message.parts.flatMap((part) => userBlocks(part, lost));
  }
}

/** A mark stands behind what it marks, as a block of its own. */
export function cachePoint(mark: CacheMark | undefined, lost: Lost): Blocks {
  if (!mark) return [];
  const long = mark.ttl !== undefined && mark.ttl !== '5m';
  if (long && mark.ttl !== '1h') lost.set('cache.ttl', 'Bedrock keeps for 5 minutes or an hour');
  return [{ cachePoint: { type: 'default', ...(mark.ttl && { ttl: long ? '1h' : '5m' }) } }];
}

/** Bedrock refuses blank texts. */
function textBlocks({ text, cache }: Omit<TextPart, 'type'>, lost: Lost): Blocks {
  if (/\S/.test(text)) return [{ text }, ...cachePoint(cache, lost)];
  if (text !== '') lost.set('text', 'Bedrock takes no text of white space alone');
  return [];
}

function userBlocks(part: UserPart, lost: Lost): Blocks {
  switch (part.type) {
    case 'text':
      return textBlocks(part, lost);
    case 'image':
      return [imageBlock(part), ...cachePoint(part.cache, lost)];
    case 'file':
      return [documentBlock(part, lost), ...cachePoint(part.cache, lost)];
    default:
      return []; // refused or dropped by the table
  }
}

function imageBlock({ source }: ImagePart): JsonObject {
  if (source.kind !== 'data') throw refused('image.url', 'Bedrock takes images in the request only');
  return { image: { format: source.mediaType.replace(/^image\//, '').replace('jpg', 'jpeg'), source: { bytes: source.data } } };
}

const formats: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};

function documentBlock({ source, name }: FilePart, lost: Lost): JsonObject {
  const document = { name: documentName(name, lost) };
  if (source.kind === 'text')
    return { document: { ...document, format: 'txt', source: { bytes: Buffer.from(source.text).toString('base64') } } };
  if (source.kind !== 'data') throw refused('file.url', 'Bedrock takes documents in the request only');
  const format = formats[source.mediaType];
  if (format === undefined) throw refused('file.data', `Bedrock takes no documents of the type ${source.mediaType}`);
  return { document: { ...document, format, source: { bytes: source.data } } };
}

/** Bedrock wants a name, and takes few characters in it. */
function documentName(name: string | undefined, lost: Lost): string {
  if (name === undefined) return 'document';
  const taken = name
    .replaceAll(/[^A-Za-z0-9 ()[\]-]/g, '-')
    .replaceAll(/ {2,}/g, ' ')
    .slice(0, 200);
  if (taken !== name) lost.set('file.name', 'Bedrock takes letters, digits, spaces and -()[] only in the name of a document');
  return taken || 'document';
}

function resultBlock({ callId, content, isError }: ToolResultPart, lost: Lost): JsonObject {
  const blocks = content.flatMap((part) => (part.type === 'text' ? [{ text: part.text }] : userBlocks(part, lost).slice(0, 1)));
  const toolResult = { toolUseId: toolId(callId, 'tool_result', lost), content: blocks.length > 0 ? blocks : [{ text: '(empty)' }] };
  if (blocks.length === 0) lost.set('tool_result', 'Bedrock wants something in the answer of a tool');
  return { toolResult: isError ? { ...toolResult, status: 'error' } : toolResult };
}

function assistantBlocks(part: AssistantPart, lost: Lost): Blocks {
  switch (part.type) {
    case 'text':
      return textBlocks(part, lost);
    case 'refusal':
      return textBlocks({ text: part.text }, lost);
    case 'reasoning':
      return thoughtBlocks(part, lost);
    case 'tool-call': {
      const toolUse = { toolUseId: toolId(part.id, 'tool_call', lost), name: part.name, input: inputOf(part, lost) };
      return [{ toolUse }, ...cachePoint(part.cache, lost)];
    }
    default:
      return []; // dropped by the table
  }
}

/** Thoughts go back only as they came from Bedrock, sealed. */
function thoughtBlocks({ text, seal }: ReasoningPart, lost: Lost): Blocks {
  const isOwn = seal?.family === 'bedrock';
  if (isOwn && seal.kind === 'signature') return [{ reasoningContent: { reasoningText: { text, signature: seal.data } } }];
  if (isOwn && seal.kind === 'redacted' && text === '') return [{ reasoningContent: { redactedContent: seal.data } }];
  lost.set('reasoning', 'Bedrock takes back only thoughts that its models have sealed');
  if (seal) lost.set('reasoning.seal', 'of no use to another model');
  return [];
}

function inputOf({ arguments: text, custom }: ToolCallPart, lost: Lost): Json {
  if (custom) return JSON.parse(argumentsOf(text)) as Json;
  try {
    const value = JSON.parse(text === '' ? '{}' : text) as Json;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // told below
  }
  lost.set('tool_call', 'arguments that are no JSON object are sent as a text inside one');
  return JSON.parse(argumentsOf(text)) as Json;
}

/** Other ids give a hash, the same for the call and its answer. */
function toolId(id: string, feature: 'tool_call' | 'tool_result', lost: Lost): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(id)) return id;
  lost.set(feature, 'Bedrock takes 64 letters, digits, _ and - in the id of a tool call, a hash is sent');
  return `tooluse_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}
