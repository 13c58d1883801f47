import type { Json } from '../core/json.ts';
import type { Entry } from './entry.ts';
import { contentText, listOf, objectOf, orderedJson, textOf } from './json-text.ts';

/** Entries of one content of Google's generateContent. */
export function contentsEntries(item: Json): readonly Entry[] {
  const { role, parts } = objectOf(item);
  return listOf(parts).flatMap((part) => partEntries(part, role === 'model' ? 'said' : 'heard'));
}

function partEntries(value: Json, kind: 'said' | 'heard'): readonly Entry[] {
  const part = objectOf(value);
  if (part['thought'] === true) return [];
  const call = part['functionCall'] ?? part['function_call'];
  if (call !== undefined) return [{ kind: 'call', tool: textOf(objectOf(call)['name']), text: orderedJson(objectOf(call)['args'] ?? {}) }];
  const response = part['functionResponse'] ?? part['function_response'];
  if (response !== undefined) return [result(objectOf(response)['response'])];
  return [{ kind, text: contentText([value]) }];
}

/** Clients wrap a tool's text as `{ result: text }`, `{ output: text }` or `{ error: text }`. */
function result(response: Json | undefined): Entry {
  const entries = Object.entries(objectOf(response));
  const [key, value] = entries[0] ?? [];
  const wrapped =
    entries.length === 1 && typeof value === 'string' && (key === 'result' || key === 'output' || key === 'error' || key === 'content');
  return { kind: 'result', text: wrapped ? value : orderedJson(response), failed: key === 'error' };
}
