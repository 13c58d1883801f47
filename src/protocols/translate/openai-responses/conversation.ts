import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { AssistantPart, OpaquePart } from '../../../core/canonical/part.ts';
import type { ReplyError } from '../../../core/canonical/reply-error.ts';
import type { Tool } from '../../../core/canonical/tool.ts';
import type { Json } from '../../../core/json.ts';
import { field, text } from '../../count.ts';
import type { GatheredPart, GatheredReply } from '../gather.ts';
import type { HeldTexts } from '../held-texts.ts';
import { withToolNames } from '../tool-names.ts';
import type { ReplyClient } from '../translator.ts';
import { freeTextOf } from '../custom-tool.ts';
import { isCustom } from './encode-tools.ts';
import { outputItems } from './output-items.ts';
import { responseId } from './response.ts';
import type { ResponseState } from './state.ts';

/** A call that stands by itself, and what is to be kept of it with its answer; or why there is none. */
export type Continued = { readonly call: CanonicalCall; readonly history: readonly Message[] } | { readonly error: ReplyError };

/** Where conversations are kept, and whose: nobody is given those of another `owner`. */
export interface Memory {
  readonly state: ResponseState;
  readonly owner: string;
  /** Texts of the call's messages that were not parsed. */
  readonly held?: HeldTexts | undefined;
}

const keyOf = (owner: string, id: string): string => `${owner} ${id}`;

/**
 * A call of a client that goes on from an earlier response, or refers to items of earlier, with all that was said before put into it.
 * `body`: as the client sent it. The instructions of an earlier call do not go on to this one.
 */
export function continued(call: CanonicalCall, body: Json, memory: Memory): Continued {
  const id = call.state?.previousResponseId;
  const before = id === undefined ? [] : memory.state.previous(keyOf(memory.owner, id))?.messages;
  if (!before) return { error: unknownResponse(id ?? '') };
  const first = hasInstructions(body) ? 1 : 0;
  const said = withItems(call.messages.slice(first), memory);
  if ('error' in said) return said;
  const history = withToolNames([...before, ...said.found]);
  const { previousResponseId: _, ...kept } = call.state ?? {};
  return { call: { ...call, messages: [...call.messages.slice(0, first), ...history], state: kept }, history };
}

const hasInstructions = (body: Json): boolean => {
  const instructions = field(body, 'instructions');
  return typeof instructions === 'string' && instructions !== '';
};

/** OpenAI's own error for a response it does not have. */
const unknownResponse = (id: string): ReplyError => ({
  kind: 'invalid_request',
  status: 400,
  message: `Previous response with id '${id}' not found.`,
  code: 'previous_response_not_found',
  param: 'previous_response_id',
});

const unknownItem = (id: string): ReplyError => ({
  kind: 'not_found',
  status: 404,
  message: `Item with id '${id}' not found.`,
  param: 'input',
});

const isReference = (part: Message['parts'][number]): part is OpaquePart => part.type === 'opaque' && part.kind === 'item_reference';

type Found<T> = { readonly found: readonly T[] } | { readonly error: ReplyError };

function withItems(messages: readonly Message[], memory: Memory): Found<Message> {
  const all: Message[] = [];
  for (const message of messages) {
    if (message.role !== 'assistant' || !message.parts.some(isReference)) {
      all.push(message);
      continue;
    }
    const parts = referred(message.parts, memory);
    if ('error' in parts) return parts;
    all.push({ ...message, parts: parts.found });
  }
  return { found: all };
}

function referred(parts: readonly AssistantPart[], { state, owner }: Memory): Found<AssistantPart> {
  const all: AssistantPart[] = [];
  for (const part of parts) {
    const id = isReference(part) ? String(field(part.value, 'id')) : undefined;
    const kept = id === undefined ? [part] : state.item(keyOf(owner, id));
    if (!kept) return { error: unknownItem(id!) };
    all.push(...kept);
  }
  return { found: all };
}

/** Keeps an answer behind what was said before it, unless the client wants nothing kept. */
export function rememberReply(reply: GatheredReply, history: readonly Message[], client: ReplyClient, memory: Memory): void {
  const { call, requestId } = client;
  if (call.state?.store === false) return;
  const id = responseId(reply.start.id, requestId);
  const output = outputItems(reply.parts, { response: id, tools: call.tools });
  const items = output.map(
    ({ item, parts }) => [keyOf(memory.owner, text(item['id']) ?? ''), parts.flatMap((part) => partOf(part, call.tools))] as const,
  );
  const answer: Message = { role: 'assistant', parts: items.flatMap(([, parts]) => parts) };
  memory.state.remember(keyOf(memory.owner, id), [...history, answer], new Map(items), memory.held);
}

function partOf({ part, text: said, paragraphs, seal, citations }: GatheredPart, tools: readonly Tool[]): readonly AssistantPart[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: said, ...(citations.length > 0 && { citations }) }];
    case 'reasoning':
      return [{ type: 'reasoning', text: said, ...(paragraphs.length > 1 && { paragraphs }), ...(seal && { seal }) }];
    case 'refusal':
      return [{ type: 'refusal', text: said }];
    case 'tool-call':
      return [{ ...part, ...argumentsIn(part, said, tools), ...(seal && { seal }) }];
    case 'image':
      return [{ type: 'image', source: { kind: 'data', mediaType: part.mediaType, data: part.data } }];
    default:
      return part.type === 'opaque' ? [part] : [];
  }
}

/** A custom tool's call is kept as such, also where the provider had a function for it. */
function argumentsIn({ name, custom }: { readonly name: string; readonly custom?: boolean }, json: string, tools: readonly Tool[]) {
  if (custom) return { arguments: json };
  return isCustom(name, tools) ? { arguments: freeTextOf(json), custom: true } : { arguments: json || '{}' };
}
