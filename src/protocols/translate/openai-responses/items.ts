import type { Citation, Seal } from '../../../core/canonical/part.ts';
import type { OpenedPart } from '../../../core/canonical/reply-event.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { parsed } from '../../count.ts';
import { sealText } from '../seal.ts';
import type { CallForm } from './call-form.ts';

type Status = 'in_progress' | 'completed' | 'incomplete';

/** Kinds of output items that we make, and how their ids begin. */
const idPrefixes = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  tool_search_call: 'tsc',
  image_generation_call: 'ig',
} as const;

export type ItemKind = keyof typeof idPrefixes;

/** The id of an item: of one response and place always the same, so that references to it can be followed. */
export function itemId(kind: ItemKind, response: string, outputIndex: number): string {
  const key = response.startsWith('resp_') ? response.slice('resp_'.length) : response;
  return `${idPrefixes[kind]}_${key}_${outputIndex}`;
}

/** The response that an item of such an id is of. */
export function responseOf(itemId: string): string | undefined {
  const key = /^[a-z]+_(.+)_\d+$/.exec(itemId)?.[1];
  return key === undefined ? undefined : `resp_${key}`;
}

export const textContent = (text: string, annotations: readonly Json[] = [], logprobs: readonly Json[] = []): JsonObject => ({
  type: 'output_text',
  text,
  annotations,
  logprobs,
});
export const refusalContent = (refusal: string): JsonObject => ({ type: 'refusal', refusal });

export const messageItem = (id: string, status: Status, content: readonly Json[]): JsonObject => ({
  id,
  type: 'message',
  status,
  role: 'assistant',
  content,
});

export const summaryText = (text: string): JsonObject => ({ type: 'summary_text', text });

export const reasoningItem = (id: string, paragraphs: readonly string[], seal: Seal | undefined): JsonObject => ({
  id,
  type: 'reasoning',
  summary: paragraphs.map(summaryText),
  ...(seal && { encrypted_content: sealText(seal, 'openai') }),
});

/** `text`: the arguments, or the free text of a custom tool. */
export function callItem(id: string, status: Status, callId: string, form: CallForm, text: string): JsonObject {
  const { kind: type, name, namespace } = form;
  if (type === 'custom_tool_call') return { id, type, status, call_id: callId, name, input: text };
  if (type === 'tool_search_call') return { id, type, status, call_id: callId, execution: 'client', arguments: objectOf(text) };
  return { id, type, status, call_id: callId, name, ...(namespace !== undefined && { namespace }), arguments: text };
}

function objectOf(json: string): Json {
  const value = parsed(Buffer.from(json));
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

export type WholePart = Extract<OpenedPart, { readonly type: 'image' | 'audio' | 'opaque' }>;

/** The item of a part that comes whole: a picture, or what is of this API. */
export function wholeItem(part: WholePart, id: string): JsonObject | undefined {
  if (part.type === 'image') return { id, type: 'image_generation_call', status: 'completed', result: part.data };
  return part.type === 'opaque' && part.api === 'openai.responses' ? (part.value as JsonObject) : undefined;
}

/** A source that has an address; others have no form here. */
export function annotationOf({ url, title, from, to, raw }: Citation): readonly Json[] {
  if (raw?.api === 'openai.responses') return [raw.value];
  if (url === undefined) return [];
  return [{ type: 'url_citation', url, title: title ?? url, start_index: from ?? 0, end_index: to ?? 0 }];
}
