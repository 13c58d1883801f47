import type { Message, ToolMessage, UserMessage } from '../../../core/canonical/message.ts';
import type { AssistantPart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, UserPart } from '../../../core/canonical/part.ts';
import { compact, type Fields } from '../fields.ts';
import { sealOf } from '../seal.ts';
import { markOf } from './cache-mark.ts';
import { fileOf, imageOf, searchResultOf } from './decode-media.ts';
import { api, citationOf } from './words.ts';

/** One of `messages`. Answers of tools become messages of their own. `strict`: as from version 2026-10-21 on. */
export function decodeMessage(message: Fields, strict: boolean): readonly Message[] {
  const role = message.required('role');
  if (role === 'system') return [{ role, parts: systemTexts(message, 'content') }];
  if (role === 'assistant') return [{ role, parts: sealed(blocksOf(message, (block, type) => assistantPart(block, type, strict))) }];
  if (role === 'user') return parted(blocksOf(message, (block, type) => userPart(block, type, strict)));
  throw message.wrong('role', 'user, assistant or system');
}

type Text = Pick<TextPart, 'type' | 'text'>;

/** Content that is one string, or a list of blocks. */
function blocksOf<P>(message: Fields, partOf: (block: Fields, type: string) => readonly P[], key = 'content'): readonly (P | Text)[] {
  const content = message.any(key);
  if (content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return (message.list(key) ?? []).flatMap((block) => partOf(block, block.required('type')));
}

export const systemTexts = (message: Fields, key: string): readonly TextPart[] =>
  blocksOf<TextPart>(
    message,
    (block, type) => {
      if (type === 'text') return [textOf(block)];
      block.leave('type');
      return [];
    },
    key,
  );

const textOf = (block: Fields): TextPart => compact({ type: 'text' as const, text: block.required('text'), cache: markOf(block) });

function userPart(block: Fields, type: string, strict: boolean): readonly (UserPart | ToolResultPart)[] {
  switch (type) {
    case 'text':
      if (strict && (block.values('citations') ?? []).length > 0) throw block.wrong('citations', "empty in a user's text");
      return [textOf(block)];
    case 'image':
      return [imageOf(block)];
    case 'document':
      return fileOf(block);
    case 'search_result':
      return [searchResultOf(block)];
    case 'tool_result':
      return [resultOf(block)];
    default:
      return [{ type: 'opaque', api, kind: type, value: block.whole() }];
  }
}

function resultOf(block: Fields): ToolResultPart {
  return compact({
    type: 'tool-result' as const,
    callId: block.required('tool_use_id'),
    content: blocksOf(block, resultPart),
    isError: block.boolean('is_error') || undefined,
    cache: markOf(block),
  });
}

function resultPart(block: Fields, type: string): ToolResultPart['content'] {
  switch (type) {
    case 'text':
      return [textOf(block)];
    case 'image':
      return [imageOf(block)];
    case 'document':
      return fileOf(block);
    case 'search_result':
      return [searchResultOf(block)];
    case 'tool_reference': // the answer of a tool search: elsewhere all tools are sent, so the name is enough
      return [{ type: 'text', text: block.required('tool_name') }];
    default:
      block.leave('type');
      return [];
  }
}

/** Answers of tools apart from what else the user says, in their order. */
function parted(parts: readonly (UserPart | ToolResultPart)[]): readonly Message[] {
  const messages: { role: 'user' | 'tool'; parts: (UserPart | ToolResultPart)[] }[] = [];
  for (const part of parts) {
    const role = part.type === 'tool-result' ? 'tool' : 'user';
    const last = messages.at(-1);
    if (last?.role === role) last.parts.push(part);
    else messages.push({ role, parts: [part] });
  }
  return messages as readonly (UserMessage | ToolMessage)[];
}

function assistantPart(block: Fields, type: string, strict: boolean): readonly AssistantPart[] {
  switch (type) {
    case 'text':
      return [compact({ ...textOf(block), citations: citationsOf(block) })];
    case 'thinking':
      return [thoughtOf(block)];
    case 'redacted_thinking':
      return [{ type: 'reasoning', text: '', seal: sealOf(block.required('data'), { family: 'anthropic', kind: 'redacted' }) }];
    case 'tool_use':
      return [callOf(block)];
    case 'image':
      return [imageOf(block)];
    case 'document':
      if (strict) throw block.wrong('type', "another one than document in an assistant's message");
      return [{ type: 'opaque', api, kind: type, value: block.whole() }];
    default:
      return [{ type: 'opaque', api, kind: type, value: block.whole() }];
  }
}

function citationsOf(block: Fields): TextPart['citations'] {
  const citations = block.values('citations');
  return citations && citations.length > 0 ? citations.map(citationOf) : undefined;
}

function thoughtOf(block: Fields): ReasoningPart {
  const signature = block.text('signature');
  return compact({
    type: 'reasoning' as const,
    text: block.text('thinking') ?? '',
    seal: signature ? sealOf(signature, { family: 'anthropic' as const, kind: 'signature' as const }) : undefined,
  });
}

function callOf(block: Fields): ToolCallPart {
  block.any('caller'); // the model itself; calls of other tools are of no other kind to the client
  return compact({
    type: 'tool-call' as const,
    id: block.required('id'),
    name: block.required('name'),
    arguments: JSON.stringify(block.any('input') ?? {}),
    cache: markOf(block),
  });
}

/** Google's seal of a tool call came to the client as a thought without text behind it: it goes back to its call. */
function sealed(parts: readonly AssistantPart[]): readonly AssistantPart[] {
  const seals = new Map(parts.flatMap((part) => (isCarrier(part) ? [[part.seal.id, part.seal]] : [])));
  if (seals.size === 0) return parts;
  return parts.flatMap((part): readonly AssistantPart[] => {
    if (isCarrier(part)) return [];
    if (part.type !== 'tool-call') return [part];
    const seal = seals.get(part.id);
    return [seal ? { ...part, seal: { family: seal.family, kind: seal.kind, data: seal.data } } : part];
  });
}

type Carrier = ReasoningPart & { readonly seal: NonNullable<ReasoningPart['seal']> & { readonly id: string } };

const isCarrier = (part: AssistantPart): part is Carrier =>
  part.type === 'reasoning' && part.text === '' && part.seal?.family === 'google' && part.seal.id !== undefined;
