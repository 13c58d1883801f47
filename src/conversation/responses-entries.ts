import type { Json, JsonObject } from '../core/json.ts';
import type { Entry } from './entry.ts';
import { contentText, objectOf, orderedJson, orderedText, textOf } from './json-text.ts';

/** Entries of one item of the input of OpenAI's responses. */
export function responsesEntries(value: Json): readonly Entry[] {
  const item = objectOf(value);
  const type = textOf(item['type']);
  if (type.endsWith('_call_output')) return [{ kind: 'result', text: contentText(item['output']), failed: false }];
  if (type.endsWith('_call')) return [call(item, type)];
  if (type !== '' && type !== 'message') return [];
  const text = contentText(item['content']);
  if (item['role'] === 'assistant') return [{ kind: 'said', text }];
  return item['role'] === 'user' ? [{ kind: 'heard', text }] : [];
}

function call(item: JsonObject, type: string): Entry {
  const given = item['arguments'] ?? item['input'];
  const tool = textOf(item['name']) || type;
  if (typeof given === 'string') return { kind: 'call', tool, text: orderedText(given) };
  const { id: _, call_id: __, status: ___, ...rest } = item;
  return { kind: 'call', tool, text: orderedJson(rest) };
}
