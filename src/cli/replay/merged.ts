import type { JsonObject } from '../../core/json.ts';
import type { Message, ToolCall } from './conversation.ts';

/** What one side says in one go. */
export interface Said<Role extends string> {
  readonly role: Role;
  readonly blocks: readonly JsonObject[];
}

/** How an API writes what is said: the model's role, texts (none for one it would refuse), results of tools and calls. */
interface Blocks<Role extends string> {
  readonly model: Role;
  readonly text: (content: string) => readonly JsonObject[];
  readonly result: (message: Extract<Message, { readonly role: 'tool' }>) => JsonObject;
  readonly call: (toolCall: ToolCall) => JsonObject;
}

/** One message of a conversation, where results of tools are the user's and the system's words stand elsewhere. */
export function sayingOf<Role extends string>({ model, text, result, call }: Blocks<Role>): (message: Message) => Said<'user' | Role> {
  return (message) => {
    if (message.role === 'assistant') return { role: model, blocks: [...text(message.content), ...message.toolCalls.map(call)] };
    if (message.role === 'tool') return { role: 'user', blocks: [result(message)] };
    return { role: 'user', blocks: message.role === 'system' ? [] : text(message.content) };
  };
}

/** Neighbours of the same role become one, because the API wants the roles to alternate; what says nothing is left out. */
export function merged<Role extends string>(said: readonly Said<Role>[]): readonly Said<Role>[] {
  const result: Said<Role>[] = [];
  for (const next of said) {
    const last = result.at(-1);
    if (next.blocks.length === 0) continue;
    if (last?.role === next.role) result[result.length - 1] = { role: last.role, blocks: [...last.blocks, ...next.blocks] };
    else result.push(next);
  }
  return result;
}

/** Arguments as an object, which some APIs want; text that is none stands under `text`. */
export function argumentsObject(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // told below as it is
  }
  return json.trim() === '' ? {} : { text: json };
}
