import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { AssistantPart, OpaquePart } from '../../../core/canonical/part.ts';
import type { ReplyError } from '../../../core/canonical/reply-error.ts';
import type { Tool } from '../../../core/canonical/tool.ts';
import { parse, type Bytes, type Json } from '../../../core/json.ts';
import { field, text } from '../../count.ts';
import type { GatheredPart, Gathering } from '../gather.ts';
import type { HeldTexts } from '../held-texts.ts';
import { withToolNames } from '../tool-names.ts';
import type { ReplyClient } from '../translator.ts';
import { freeTextOf } from '../custom-tool.ts';
import { decodeCall } from './decode-call.ts';
import { isCustom } from './encode-tools.ts';
import { responseOf } from './items.ts';
import { outputItems, type OutputOf } from './output-items.ts';
import { responseId } from './response.ts';
import type { Kept, Remembered, ResponseState } from './state.ts';

/** A call that stands by itself, and what is to be kept of it with its answer; or why there is none. */
export type Continued = Going | { readonly error: ReplyError };

export interface Going {
  readonly call: CanonicalCall;
  readonly history: History;
}

/** What was said before an answer. */
export interface History {
  /** Made when somebody goes on from it: until then the body of a first call is kept as it came. */
  readonly read: () => readonly Message[];
  /** About what it takes in memory. */
  readonly bytes: number;
}

/** Where conversations are kept, and whose: nobody is given those of another `owner`. */
export interface Memory {
  readonly state: ResponseState;
  readonly owner: string;
  /** As the client sent it. */
  readonly body: Bytes;
}

const keyOf = (owner: string, id: string): string => `${owner} ${id}`;

/**
 * A call of a client that goes on from an earlier response, or refers to items of earlier, with all that was said before put into it.
 * `body`: as the client sent it. The instructions of an earlier call do not go on to this one.
 */
export function continued(call: CanonicalCall, body: Json, memory: Memory): Continued {
  const id = call.state?.previousResponseId;
  if (!goesOn(call)) return { call, history: historyIn(memory.body) };
  const own = withoutInstructions(call, body);
  const before = id === undefined ? nothing : memory.state.previous(keyOf(memory.owner, id));
  if (!before) return { error: unknownResponse(id ?? '') };
  const said = withItems(own, memory);
  if ('error' in said) return said;
  const messages = withToolNames([...before.messages, ...said.found]);
  const { previousResponseId: _, ...kept } = call.state ?? {};
  const instructions = call.messages.slice(0, call.messages.length - own.length);
  const bytes = 2 * (memory.body.length + said.addedLength) + before.bytes;
  return { call: { ...call, messages: [...instructions, ...messages], state: kept }, history: { read: () => messages, bytes } };
}

const historyIn = (body: Bytes): History => ({ read: () => messagesIn(body), bytes: 2 * body.length });

function messagesIn(body: Bytes): readonly Message[] {
  const json = parse<Json>(body);
  return withoutInstructions(decodeCall(json).call, json);
}

const withoutInstructions = ({ messages }: CanonicalCall, body: Json): readonly Message[] =>
  hasInstructions(body) ? messages.slice(1) : messages;

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

const nothing: Remembered = { messages: [], items: new Map(), bytes: 0 };

/** Whether a call needs what was said before. */
export const goesOn = ({ state, messages }: CanonicalCall): boolean =>
  state?.previousResponseId !== undefined || messages.some(hasReference);

const hasReference = ({ role, parts }: Message): boolean => role === 'assistant' && parts.some(isReference);

type Found<T> = { readonly found: readonly T[] } | { readonly error: ReplyError };

/** `addedLength`: of what the references stand for, as JSON. */
function withItems(
  messages: readonly Message[],
  memory: Memory,
): { readonly found: readonly Message[]; readonly addedLength: number } | { readonly error: ReplyError } {
  const all: Message[] = [];
  let addedLength = 0;
  for (const message of messages) {
    if (message.role !== 'assistant' || !hasReference(message)) {
      all.push(message);
      continue;
    }
    const parts = referred(message.parts, memory);
    if ('error' in parts) return parts;
    all.push({ ...message, parts: parts.found });
    addedLength += JSON.stringify(parts.found).length;
  }
  return { found: all, addedLength };
}

function referred(parts: readonly AssistantPart[], memory: Memory): Found<AssistantPart> {
  const all: AssistantPart[] = [];
  for (const part of parts) {
    const id = isReference(part) ? String(field(part.value, 'id')) : undefined;
    const kept = id === undefined ? [part] : itemOf(id, memory);
    if (!kept) return { error: unknownItem(id!) };
    all.push(...kept);
  }
  return { found: all };
}

function itemOf(id: string, { state, owner }: Memory): readonly AssistantPart[] | undefined {
  const response = responseOf(id);
  return response === undefined ? undefined : state.previous(keyOf(owner, response))?.items.get(id);
}

/** Whether the client may go on from the answer. */
export const isStored = ({ state }: CanonicalCall): boolean => state?.store !== false;

/** An answer, and texts of it that were not parsed. */
export interface Answer {
  readonly gathering: Gathering;
  readonly held?: HeldTexts | undefined;
}

/** Keeps an answer behind what was said before it. What is kept is made when somebody goes on from it. */
export function rememberReply({ gathering, held }: Answer, history: History, { call, requestId }: ReplyClient, memory: Memory): void {
  const { start, parts } = gathering.reply();
  const id = responseId(start.id, requestId);
  memory.state.remember(
    keyOf(memory.owner, id),
    kept({ parts, held, length: gathering.length }, { response: id, tools: call.tools }, history),
  );
}

/** Apart, so that nothing else of the call is kept with it. */
const kept = ({ parts, held, length }: Said, of: OutputOf, { read, bytes }: History): Kept => ({
  bytes: bytes + 2 * (length + (held?.length ?? 0)),
  read: () => remembered(held ? parts.map((part) => restored(part, held)) : parts, of, read()),
});

interface Said {
  readonly parts: readonly GatheredPart[];
  readonly held: HeldTexts | undefined;
  /** UTF-16 units of the texts, stamps included. */
  readonly length: number;
}

const restored = (part: GatheredPart, held: HeldTexts): GatheredPart => ({
  ...part,
  text: held.restored(part.text),
  paragraphs: part.paragraphs.map((text) => held.restored(text)),
});

function remembered(parts: readonly GatheredPart[], of: OutputOf, history: readonly Message[]): Omit<Remembered, 'bytes'> {
  const items = outputItems(parts, of).map(
    ({ item, parts: said }) => [text(item['id']) ?? '', said.flatMap((part) => partOf(part, of.tools))] as const,
  );
  const answer: Message = { role: 'assistant', parts: items.flatMap(([, said]) => said) };
  return { messages: [...history, answer], items: new Map(items) };
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
