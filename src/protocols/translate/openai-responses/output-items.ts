import type { Tool } from '../../../core/canonical/tool.ts';
import type { JsonObject } from '../../../core/json.ts';
import { freeTextOf } from '../custom-tool.ts';
import type { GatheredPart } from '../gather.ts';
import { formOf, type CallPart } from './call-form.ts';
import { annotationOf, callItem, itemId, messageItem, reasoningItem, refusalContent, textContent, wholeItem } from './items.ts';

/** An item of a finished response, and the parts of the reply that it says. */
export interface OutputItem {
  readonly item: JsonObject;
  readonly parts: readonly GatheredPart[];
}

/** What `itemId` needs, and which tools take free text. */
export interface OutputOf {
  readonly response: string;
  readonly tools: readonly Tool[];
}

/** The items of a finished response, with the ids that the stream of the same reply gives them. */
export function outputItems(parts: readonly GatheredPart[], of: OutputOf): readonly OutputItem[] {
  const items: OutputItem[] = [];
  for (const group of groups(parts.filter(isShown))) {
    const item = itemOf(group, items.length, of);
    if (item) items.push({ item, parts: group });
  }
  return items;
}

/** A response has one answer, and no form for sound and for items of other APIs. */
const isShown = ({ candidate, part }: GatheredPart): boolean =>
  candidate === 0 && part.type !== 'audio' && (part.type !== 'opaque' || part.api === 'openai.responses');

const isSaid = (part: GatheredPart | undefined): boolean => part?.part.type === 'text' || part?.part.type === 'refusal';

/** Texts that follow each other are one item. */
function groups(parts: readonly GatheredPart[]): readonly (readonly GatheredPart[])[] {
  const all: GatheredPart[][] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (last && isSaid(part) && isSaid(last[0])) last.push(part);
    else all.push([part]);
  }
  return all;
}

function itemOf(group: readonly GatheredPart[], at: number, { response, tools }: OutputOf): JsonObject | undefined {
  const [first] = group;
  const { part, paragraphs, seal } = first!;
  switch (part.type) {
    case 'text':
    case 'refusal':
      return messageItem(itemId('message', response, at), 'completed', group.map(contentOf));
    case 'reasoning':
      return reasoningItem(itemId('reasoning', response, at), paragraphs.filter(Boolean), seal);
    case 'tool-call':
      return callOf(first!, part, response, tools, at);
    default:
      return wholeItem(part, itemId('image_generation_call', response, at));
  }
}

const contentOf = ({ part, text, citations, logprobs }: GatheredPart): JsonObject =>
  part.type === 'refusal' ? refusalContent(text) : textContent(text, citations.flatMap(annotationOf), logprobs);

function callOf({ text }: GatheredPart, part: CallPart, response: string, tools: readonly Tool[], at: number): JsonObject {
  const form = formOf(part, tools);
  const id = itemId(form.kind, response, at);
  if (form.kind !== 'custom_tool_call') return callItem(id, 'completed', part.id, form, text || '{}');
  return callItem(id, 'completed', part.id, form, part.custom ? text : freeTextOf(text));
}
