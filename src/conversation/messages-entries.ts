import type { Json } from '../core/json.ts';
import type { Entry } from './entry.ts';
import { contentText, listOf, objectOf, orderedJson, textOf } from './json-text.ts';

/** Entries of one message of Anthropic's messages. */
export function messagesEntries(item: Json): readonly Entry[] {
  const { role, content } = objectOf(item);
  const kind = role === 'assistant' ? 'said' : 'heard';
  if (typeof content === 'string') return [{ kind, text: content }];
  return listOf(content).flatMap((block) => blockEntries(block, kind));
}

function blockEntries(value: Json, kind: 'said' | 'heard'): readonly Entry[] {
  const block = objectOf(value);
  const type = textOf(block['type']);
  if (type.endsWith('tool_use')) return [{ kind: 'call', tool: textOf(block['name']), text: orderedJson(block['input']) }];
  if (type.endsWith('tool_result')) return [{ kind: 'result', text: contentText(block['content']), failed: block['is_error'] === true }];
  if (type.endsWith('thinking')) return [];
  return [{ kind, text: contentText([value]) }];
}
