import type { Message } from '../../../core/canonical/message.ts';
import type { AssistantPart, ImagePart, OpaquePart, ToolResultPart, UserPart } from '../../../core/canonical/part.ts';
import type { JsonObject } from '../../../core/json.ts';
import { compact } from '../fields.ts';
import { CallIds } from './call-ids.ts';
import { decodeMedia } from './media.ts';
import type { ProtoFields } from './proto-fields.ts';
import { sealIn } from './signature.ts';

/** `contents` as messages. `detail`: of images that do not say how closely they are looked at. */
export function decodeContents(contents: readonly ProtoFields[], detail: ImagePart['detail']): readonly Message[] {
  const ids = new CallIds();
  const messages: Message[] = [];
  for (const content of contents) {
    const parts = content.list('parts') ?? [];
    if (content.text('role') === 'model') pushModel(messages, joined(parts.flatMap((part) => modelPart(part, ids))));
    else messages.push(...userMessages(parts, ids, detail));
  }
  return messages;
}

/** Answers of tools come first: the calls are right before them. */
function userMessages(parts: readonly ProtoFields[], ids: CallIds, detail: ImagePart['detail']): readonly Message[] {
  const results: ToolResultPart[] = [];
  const said: UserPart[] = [];
  for (const part of parts) {
    const response = part.object('functionResponse');
    if (response) results.push(resultOf(response, ids));
    else said.push(...userPart(part, detail));
  }
  return [
    ...(results.length > 0 ? [{ role: 'tool' as const, parts: results }] : []),
    ...(said.length > 0 ? [{ role: 'user' as const, parts: said }] : []),
  ];
}

function userPart(part: ProtoFields, detail: ImagePart['detail']): readonly UserPart[] {
  const text = part.text('text');
  if (text !== undefined) return text === '' ? [] : [{ type: 'text', text }];
  return [decodeMedia(part, detail) ?? opaque(part)];
}

function modelPart(part: ProtoFields, ids: CallIds): readonly AssistantPart[] {
  const text = part.text('text');
  const seal = sealIn(part.text('thoughtSignature'));
  if (part.boolean('thought') && text !== undefined) return [compact({ type: 'reasoning' as const, text, seal })];
  const call = part.object('functionCall');
  if (call) return [compact({ ...callOf(call, ids), seal })];
  const signed: readonly AssistantPart[] = seal ? [{ type: 'reasoning', text: '', seal }] : [];
  if (text !== undefined) return text === '' ? signed : [{ type: 'text', text }, ...signed];
  const media = decodeMedia(part);
  return [media && (media.type === 'image' || media.type === 'audio') ? media : opaque(part), ...signed];
}

function callOf(call: ProtoFields, ids: CallIds) {
  const name = call.required('name');
  const id = ids.called(call.text('id'), name);
  return { type: 'tool-call' as const, id, name, arguments: JSON.stringify(call.json('args') ?? {}) };
}

function opaque(part: ProtoFields): OpaquePart {
  const value = part.whole();
  return { type: 'opaque', api: 'google.generate_content', kind: Object.keys(value)[0] ?? 'empty', value };
}

function resultOf(response: ProtoFields, ids: CallIds): ToolResultPart {
  const name = response.text('name');
  const callId = ids.answered(response.text('id'), name);
  const { text, isError } = saidIn(response.json('response') ?? {});
  const media = (response.list('parts') ?? []).flatMap((part) => {
    const found = decodeMedia(part);
    return found?.type === 'image' || found?.type === 'file' ? [found] : [];
  });
  return compact({
    type: 'tool-result' as const,
    callId,
    name,
    content: [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...media],
    isError: isError || undefined,
  });
}

/** Google's own words for an answer are `output` and `error`; any other object is the answer itself. */
function saidIn(response: JsonObject): { readonly text: string; readonly isError: boolean } {
  const [key, ...more] = Object.keys(response);
  const isNamed = more.length === 0 && (key === 'output' || key === 'error');
  const value = isNamed ? response[key] : response;
  return { text: typeof value === 'string' ? value : JSON.stringify(value ?? {}), isError: isNamed && key === 'error' };
}

/** A model's message. SDKs keep each chunk of a stream as a content of its own: they are one answer, and texts that meet between two are one text. */
function pushModel(messages: Message[], parts: readonly AssistantPart[]): void {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return void messages.push({ role: 'assistant', parts });
  const [first, ...rest] = parts;
  const before = last.parts.at(-1);
  const one = first && before ? mergedParts(before, first) : undefined;
  const all = one ? [...last.parts.slice(0, -1), one, ...rest] : [...last.parts, ...parts];
  messages[messages.length - 1] = { role: 'assistant', parts: all };
}

function mergedParts(before: AssistantPart, next: AssistantPart): AssistantPart | undefined {
  if (before.type === 'text' && next.type === 'text') return { type: 'text', text: before.text + next.text };
  if (before.type !== 'reasoning' || next.type !== 'reasoning' || before.seal) return undefined;
  return { ...next, text: before.text + next.text };
}

/** The signature of a streamed thought comes behind it, on an empty thought. */
function joined(parts: readonly AssistantPart[]): readonly AssistantPart[] {
  const all: AssistantPart[] = [];
  for (const part of parts) {
    const before = all.at(-1);
    const one = before && part.type === 'reasoning' && part.text === '' ? mergedParts(before, part) : undefined;
    if (one) all[all.length - 1] = one;
    else all.push(part);
  }
  return all;
}
