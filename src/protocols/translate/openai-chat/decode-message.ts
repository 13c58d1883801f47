import type { MediaSource } from '../../../core/canonical/media.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { AssistantPart, FilePart, ImagePart, TextPart, ToolCallPart, ToolResultPart, UserPart } from '../../../core/canonical/part.ts';
import { sourceOf } from '../data-url.ts';
import { compact, type Fields } from '../fields.ts';
import { markOf } from './cache-mark.ts';

/** One of `messages`. */
export function decodeMessage(message: Fields): Message {
  const role = message.required('role');
  if (role === 'system' || role === 'developer') return { role, parts: textsOf(message) };
  if (role === 'user') return compact({ role, name: message.text('name'), parts: contentOf(message, userPart) });
  if (role === 'assistant') return compact({ role, name: message.text('name'), parts: assistantParts(message) });
  if (role === 'tool' || role === 'function') return { role: 'tool', parts: [resultOf(message)] };
  throw message.wrong('role', 'system, developer, user, assistant or tool');
}

/** Content that is one string, or a list of parts. Empty texts are none. */
function contentOf<P>(message: Fields, partOf: (part: Fields, type: string) => readonly P[]): readonly (P | TextPart)[] {
  const content = message.any('content');
  if (content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return (message.list('content') ?? []).flatMap((part) => partOf(part, part.required('type')));
}

function textPart(part: Fields, type: string): readonly TextPart[] {
  if (type === 'text') return [compact({ type: 'text' as const, text: part.required('text'), cache: markOf(part) })];
  part.leave('type');
  return [];
}

const textsOf = (message: Fields): readonly TextPart[] => contentOf(message, textPart);

function userPart(part: Fields, type: string): readonly UserPart[] {
  if (type === 'image_url') return [imageOf(part)];
  if (type === 'file') return [fileOf(part)];
  if (type === 'input_audio') return [compact({ type: 'audio' as const, source: audioOf(part), cache: markOf(part) })];
  return textPart(part, type);
}

function imageOf(part: Fields): ImagePart {
  const image = part.object('image_url');
  if (!image) throw part.wrong('image_url', 'given');
  return compact({
    type: 'image' as const,
    source: sourceOf(image.required('url'), 'image/png'),
    detail: image.word('detail', ['auto', 'low', 'high', 'original']),
    cache: markOf(part),
  });
}

function fileOf(part: Fields): FilePart {
  const file = part.object('file');
  if (!file) throw part.wrong('file', 'given');
  return compact({ type: 'file' as const, source: fileSource(file), name: file.text('filename'), cache: markOf(part) });
}

function fileSource(file: Fields): MediaSource {
  const id = file.text('file_id');
  if (id !== undefined) return { kind: 'file', id };
  const data = file.required('file_data');
  return data.startsWith('data:') ? sourceOf(data, 'application/pdf') : { kind: 'data', mediaType: 'application/pdf', data };
}

function audioOf(part: Fields): MediaSource {
  const audio = part.object('input_audio');
  if (!audio) throw part.wrong('input_audio', 'given');
  const format = audio.text('format') ?? 'wav';
  return { kind: 'data', mediaType: format === 'mp3' ? 'audio/mpeg' : `audio/${format}`, data: audio.required('data') };
}

function assistantParts(message: Fields): readonly AssistantPart[] {
  message.any('parsed'); // what the SDK made of the answer, given back with it
  const thought = message.text('reasoning_content') ?? message.text('reasoning');
  const refusal = message.text('refusal');
  const legacy = message.object('function_call');
  return [
    ...(thought ? [{ type: 'reasoning' as const, text: thought }] : []),
    ...contentOf(message, assistantPart),
    ...(refusal ? [{ type: 'refusal' as const, text: refusal }] : []),
    ...(message.list('tool_calls') ?? []).map(toolCallOf),
    ...(legacy ? [legacyCall(legacy)] : []),
  ];
}

const assistantPart = (part: Fields, type: string): readonly AssistantPart[] =>
  type === 'refusal' ? [{ type: 'refusal', text: part.required('refusal') }] : textPart(part, type);

function toolCallOf(call: Fields): ToolCallPart {
  const id = call.required('id');
  const custom = call.text('type') === 'custom' ? call.object('custom') : undefined;
  if (custom) return { type: 'tool-call', id, name: custom.required('name'), arguments: custom.text('input') ?? '', custom: true };
  const called = call.object('function');
  if (!called) throw call.wrong('function', 'given');
  called.any('parsed_arguments'); // the SDK's own
  // Google's own OpenAI-compatible API has its signatures here; clients that keep them give them back.
  const signature = call.object('extra_content')?.object('google')?.text('thought_signature');
  return compact({
    type: 'tool-call' as const,
    id,
    name: called.required('name'),
    arguments: called.text('arguments') || '{}',
    seal: signature === undefined ? undefined : { family: 'google' as const, kind: 'signature' as const, data: signature },
  });
}

/** Functions of old had one call a message and no ids: the name stands for it. */
const legacyCall = (call: Fields): ToolCallPart => {
  const name = call.required('name');
  return { type: 'tool-call', id: name, name, arguments: call.text('arguments') || '{}' };
};

const resultOf = (message: Fields): ToolResultPart => ({
  type: 'tool-result',
  callId: message.text('tool_call_id') ?? message.required('name'),
  content: textsOf(message),
});
