import type { Json } from '../core/json.ts';
import type { Entry } from './entry.ts';
import { contentText, listOf, objectOf, orderedText, textOf } from './json-text.ts';

/** Entries of one message of OpenAI's chat completions. */
export function chatEntries(item: Json): readonly Entry[] {
  const message = objectOf(item);
  const text = contentText(message['content']);
  switch (message['role']) {
    case 'assistant':
      return [...(text === '' ? [] : [{ kind: 'said', text } as const]), ...chatCalls(message)];
    case 'tool':
    case 'function':
      return [{ kind: 'result', text, failed: false }];
    case 'user':
      return [{ kind: 'heard', text }];
    default:
      return [];
  }
}

function chatCalls(message: { readonly [key: string]: Json | undefined }): readonly Entry[] {
  const calls = [...listOf(message['tool_calls']), ...(message['function_call'] === undefined ? [] : [message['function_call']])];
  return calls.map((each) => {
    const call = objectOf(each);
    const fn = objectOf(call['function'] ?? call['custom'] ?? call);
    return { kind: 'call', tool: textOf(fn['name']), text: orderedText(textOf(fn['arguments'] ?? fn['input'])) };
  });
}
