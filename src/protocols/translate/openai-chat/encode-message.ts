import type { MediaSource } from '../../../core/canonical/media.ts';
import type { AssistantMessage, Message, ToolMessage, UserMessage } from '../../../core/canonical/message.ts';
import type {
  AssistantPart,
  AudioPart,
  FilePart,
  ImagePart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../core/canonical/part.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { dataUrl } from '../data-url.ts';
import { refused } from '../losses.ts';

/** The list of `messages`. */
export const encodeMessages = (messages: readonly Message[]): readonly Json[] => messages.flatMap(encodeMessage);

function encodeMessage(message: Message): readonly Json[] {
  switch (message.role) {
    case 'user':
      return [userMessage(message)];
    case 'assistant':
      return [assistantMessage(message)];
    case 'tool':
      return toolMessages(message);
    default:
      return [{ role: 'system', content: contentOf(message.parts.map(textPart)) }];
  }
}

const textPart = ({ text }: { readonly text: string }): JsonObject => ({ type: 'text', text });

/** One text is written as a string, which every imitator understands. */
function contentOf(parts: readonly JsonObject[]): Json {
  const [only] = parts;
  if (parts.length === 0) return '';
  return parts.length === 1 && only?.type === 'text' ? (only.text as string) : parts;
}

const userMessage = ({ parts, name }: UserMessage): Json => ({ role: 'user', content: contentOf(parts.flatMap(userPart)), name });

function userPart(part: UserPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return [textPart(part)];
    case 'image':
      return [imagePart(part)];
    case 'file':
      return [filePart(part)];
    case 'audio':
      return [audioPart(part)];
    default:
      return []; // refused or dropped by the table
  }
}

const imagePart = ({ source, detail }: ImagePart): JsonObject => ({ type: 'image_url', image_url: { url: urlOf(source), detail } });

function urlOf(source: MediaSource): string {
  if (source.kind === 'url') return source.url;
  if (source.kind === 'data') return dataUrl(source.mediaType, source.data);
  throw refused('image.file', 'OpenAI chat takes images as URL or base64 only');
}

function filePart({ source, name }: FilePart): JsonObject {
  if (source.kind === 'text') return { type: 'text', text: source.text };
  if (source.kind === 'file') return { type: 'file', file: { file_id: source.id, filename: name } };
  if (source.kind === 'url') throw refused('file.url', 'OpenAI chat takes documents as base64 only');
  return { type: 'file', file: { file_data: dataUrl(source.mediaType, source.data), filename: name ?? 'document' } };
}

const audioFormats: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};

function audioPart({ source }: AudioPart): JsonObject {
  const format = source.kind === 'data' ? audioFormats[source.mediaType] : undefined;
  if (source.kind !== 'data' || !format) throw refused('audio', 'OpenAI chat takes wav and mp3 as base64 only');
  return { type: 'input_audio', input_audio: { data: source.data, format } };
}

function assistantMessage({ parts, name }: AssistantMessage): Json {
  const said = parts.flatMap(saidPart);
  const calls = parts.filter((part) => part.type === 'tool-call').map(toolCall);
  return {
    role: 'assistant',
    content: said.length === 0 && calls.length > 0 ? null : contentOf(said),
    name,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function saidPart(part: AssistantPart): readonly JsonObject[] {
  if (part.type === 'refusal') return [{ type: 'refusal', refusal: part.text }];
  return part.type === 'text' ? [textPart(part)] : [];
}

function toolCall({ id, name, arguments: text, custom }: ToolCallPart): JsonObject {
  if (custom) return { id, type: 'custom', custom: { name, input: text } };
  return { id, type: 'function', function: { name, arguments: text } };
}

/** Media do not go into a tool's message: a user's message brings them, behind all answers of the tools, which must not be parted. */
function toolMessages({ parts }: ToolMessage): readonly Json[] {
  const media = parts.flatMap(({ content, callId }) => content.flatMap((part) => (part.type === 'text' ? [] : mediaOf(part, callId))));
  return [...parts.map(toolMessage), ...(media.length > 0 ? [{ role: 'user', content: media }] : [])];
}

const toolMessage = ({ callId, content }: ToolResultPart): JsonObject => ({
  role: 'tool',
  tool_call_id: callId,
  content: contentOf(content.filter((part): part is TextPart => part.type === 'text').map(textPart)),
});

const mediaOf = (part: ImagePart | FilePart, callId: string): readonly JsonObject[] => [
  textPart({ text: `From the tool call ${callId}:` }),
  ...userPart(part),
];
