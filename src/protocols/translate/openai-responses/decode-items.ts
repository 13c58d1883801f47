import type { Message } from '../../../core/canonical/message.ts';
import type {
  AssistantPart,
  OpaquePart,
  ReasoningPart,
  Seal,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../../core/canonical/part.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import { field, list, text } from '../../count.ts';
import { BareMessage } from '../bare-messages.ts';
import { compact, type Fields } from '../fields.ts';
import { flatName, searchName } from './namespaces.ts';
import { openaiSeal } from './openai-seal.ts';
import { contentOf, resultPart, textPart, userPart } from './decode-content.ts';

/** Messages of `input`: all that the model gave between two messages of others is one of its messages. */
export function messagesOf(items: readonly (Fields | BareMessage)[]): readonly Message[] {
  const messages: Message[] = [];
  for (const item of items) {
    const message = item instanceof BareMessage ? item.message() : messageOf(item);
    const last = messages.at(-1);
    if (message.role === 'assistant' && last?.role === 'assistant')
      messages[messages.length - 1] = { role: 'assistant', parts: [...last.parts, ...message.parts] };
    else messages.push(message);
  }
  return messages;
}

function messageOf(item: Fields): Message {
  const type = item.text('type') ?? 'message';
  if (type === 'message') return spoken(item);
  if (type === 'function_call_output' || type === 'custom_tool_call_output') return { role: 'tool', parts: [resultOf(item, type)] };
  if (type === 'tool_search_output' && item.text('call_id') !== undefined) return { role: 'tool', parts: [foundOf(item)] };
  return { role: 'assistant', parts: [assistantItem(item, type)] };
}

/** Ids and states of items mean something to the provider who gave them only. */
function forgetPlace(item: Fields): void {
  item.any('id');
  item.any('status');
}

function spoken(item: Fields): Message {
  forgetPlace(item);
  const role = item.required('role');
  if (role === 'system' || role === 'developer') return { role, parts: contentOf(item, 'content', textPart) };
  if (role === 'user') return { role, parts: contentOf(item, 'content', userPart) };
  if (role === 'assistant') return { role, parts: contentOf<AssistantPart>(item, 'content', saidPart) };
  throw item.wrong('role', 'system, developer, user or assistant');
}

const saidPart = (part: Fields, type: string): readonly AssistantPart[] =>
  type === 'refusal' ? [{ type: 'refusal', text: part.required('refusal') }] : textPart(part, type);

function assistantItem(item: Fields, type: string): AssistantPart {
  if (type === 'function_call') return functionCall(item);
  if (type === 'custom_tool_call') return customCall(item);
  if (type === 'reasoning') return reasoningOf(item);
  if (type === 'tool_search_call' && item.text('call_id') !== undefined) return searchCall(item);
  return opaqueOf(item, type);
}

function functionCall(item: Fields): ToolCallPart {
  forgetPlace(item);
  item.any('parsed_arguments'); // the SDK's own
  const namespace = item.text('namespace');
  const name = item.required('name');
  return {
    type: 'tool-call',
    id: item.required('call_id'),
    name: namespace === undefined ? name : flatName(namespace, name),
    arguments: item.text('arguments') || '{}',
  };
}

/** The client's own search among tools that it holds back. */
function searchCall(item: Fields): ToolCallPart {
  forgetPlace(item);
  item.any('execution');
  const wanted = item.any('arguments') ?? {};
  const json = typeof wanted === 'string' ? wanted : JSON.stringify(wanted);
  return { type: 'tool-call', id: item.required('call_id'), name: searchName, arguments: json };
}

/** What the search found stands among the tools; here are the names. */
function foundOf(item: Fields): ToolResultPart {
  forgetPlace(item);
  item.any('execution');
  const names = (item.values('tools') ?? []).flatMap(namesOf);
  const text = names.length === 0 ? 'No tools were found.' : `These tools can be called now: ${names.join(', ')}`;
  return { type: 'tool-result', callId: item.required('call_id'), content: [{ type: 'text', text }] };
}

function namesOf(tool: Json): readonly string[] {
  const name = text(field(tool, 'name')) ?? '';
  if (field(tool, 'type') !== 'namespace') return [name];
  return list(field(tool, 'tools')).map((inner) => flatName(name, text(field(inner, 'name')) ?? ''));
}

function customCall(item: Fields): ToolCallPart {
  forgetPlace(item);
  return {
    type: 'tool-call',
    id: item.required('call_id'),
    name: item.required('name'),
    arguments: item.text('input') ?? '',
    custom: true,
  };
}

function resultOf(item: Fields, type: string): ToolResultPart {
  forgetPlace(item);
  return compact({
    type: 'tool-result' as const,
    callId: item.required('call_id'),
    content: contentOf(item, 'output', resultPart),
    custom: type === 'custom_tool_call_output' ? true : undefined,
  });
}

function reasoningOf(item: Fields): ReasoningPart {
  item.any('status');
  const shown = texts(item, 'summary');
  const paragraphs = shown.length > 0 ? shown : texts(item, 'content');
  return compact({
    type: 'reasoning' as const,
    text: paragraphs.join('\n\n'),
    paragraphs: paragraphs.length > 1 ? paragraphs : undefined,
    seal: sealFrom(item),
  });
}

const texts = (item: Fields, key: string): readonly string[] => contentOf<TextPart>(item, key, textPart).map(({ text }) => text);

function sealFrom(item: Fields): Seal | undefined {
  const data = item.text('encrypted_content');
  const id = item.text('id');
  return data === undefined ? undefined : openaiSeal(data, id);
}

/** Items that stand for much of the conversation: no other provider can read them, and without them the model would not know what was said. */
const unreadable: ReadonlySet<string> = new Set(['compaction', 'compaction_summary', 'compaction_trigger', 'context_compaction']);

function opaqueOf(item: Fields, kind: string): OpaquePart {
  if (unreadable.has(kind))
    throw new GatewayError('invalid_request', `the model's provider cannot read an item of type ${kind}: only OpenAI can`, {
      param: 'input',
    });
  return { type: 'opaque', api: 'openai.responses', kind, value: item.whole() };
}
