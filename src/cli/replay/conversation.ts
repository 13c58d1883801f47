import type { Json, JsonObject } from '../../core/json.ts';

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

export type Message =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | AssistantMessage
  | { readonly role: 'tool'; readonly toolCallId: string; readonly name: string; readonly content: string };

export interface AssistantMessage {
  readonly role: 'assistant';
  /** Empty where the model only called tools. */
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  readonly reasoning?: string;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema. */
  readonly parameters: Json;
}

/** One recorded conversation, and hints for how to send it. */
export interface Conversation {
  readonly id: string;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly app: string | undefined;
  readonly feature: string | undefined;
  readonly user: string | undefined;
  readonly api: string | undefined;
  readonly model: string | undefined;
  /** Reasoning effort. */
  readonly effort: string | undefined;
  readonly stream: boolean | undefined;
  readonly cache: boolean | undefined;
}

/** Reads one line of a recording: OpenAI chat messages, perhaps with tools and hints. @throws {RangeError} that says what is wrong */
export function readConversation(value: Json, number: number): Conversation {
  const line = objectOf(value);
  const messages = listOf(line['messages']);
  if (messages.length === 0) throw new RangeError('there is no list of `messages`');
  return {
    id: textOf(line['id']) ?? `conversation-${number}`,
    messages: paired(messages.map(messageOf)),
    tools: listOf(line['tools']).map(toolOf),
    app: textOf(line['app']),
    feature: textOf(line['feature']) ?? textOf(line['src']),
    user: textOf(line['user']),
    api: textOf(line['api']),
    model: textOf(line['model']),
    effort: textOf(line['effort']),
    stream: flagOf(line['stream']),
    cache: flagOf(line['cache']),
  };
}

const objectOf = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const flagOf = (value: Json | undefined): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

function messageOf(value: Json): Message {
  const message = objectOf(value);
  const content = contentOf(message['content']);
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', content };
    case 'user':
      return { role: 'user', content };
    case 'assistant': {
      const reasoning = textOf(message['reasoning']);
      return { role: 'assistant', content, toolCalls: listOf(message['tool_calls']).map(toolCallOf), ...(reasoning && { reasoning }) };
    }
    case 'tool':
    case 'function':
      return { role: 'tool', toolCallId: textOf(message['tool_call_id']) ?? '', name: textOf(message['name']) ?? '', content };
    default:
      throw new RangeError(`a message has the role ${JSON.stringify(message['role'] ?? null)}`);
  }
}

/** Texts of a list of parts, one below the other; media are left out. */
function contentOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .flatMap((part) => textOf(objectOf(part)['text']) ?? [])
    .join('\n');
}

function toolCallOf(value: Json, index: number): ToolCall {
  const call = objectOf(value);
  const fn = call['function'] === undefined ? call : objectOf(call['function']);
  const given = fn['arguments'] ?? {};
  return {
    id: textOf(call['id']) ?? `call_${index}`,
    name: textOf(fn['name']) ?? 'unnamed',
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
  };
}

function toolOf(value: Json): Tool {
  const tool = objectOf(value);
  const fn = tool['function'] === undefined ? tool : objectOf(tool['function']);
  return {
    name: textOf(fn['name']) ?? 'unnamed',
    description: textOf(fn['description']) ?? '',
    parameters: fn['parameters'] ?? { type: 'object', properties: {} },
  };
}

/** Stands where a recording has no result for a call: vendors refuse a call without one. */
export const noResult = '(no result recorded)';

/** Every tool call is followed by its result, and every result answers a call: what answers nothing becomes a user's message. */
export function paired(messages: readonly Message[]): readonly Message[] {
  const result: Message[] = [];
  let open: ToolCall[] = [];
  const close = (): void => {
    for (const { id, name } of open) result.push({ role: 'tool', toolCallId: id, name, content: noResult });
    open = [];
  };
  for (const message of messages) {
    if (message.role === 'tool') {
      const call = open.find(({ id }) => id === message.toolCallId) ?? (message.toolCallId === '' ? open[0] : undefined);
      if (call) result.push({ ...message, toolCallId: call.id, name: call.name });
      else result.push({ role: 'user', content: message.content });
      open = open.filter((other) => other !== call);
    } else {
      close();
      result.push(message);
      if (message.role === 'assistant') open = [...message.toolCalls];
    }
  }
  close();
  return result;
}

/** One call of a replay: what was said before an answer, and the answer that was recorded. */
export interface Turn {
  readonly conversation: Conversation;
  readonly prior: readonly Message[];
  readonly reply: AssistantMessage;
}

/** One turn an assistant message. An answer before anybody said anything is none that could be asked for. */
export const turnsOf = (conversation: Conversation): readonly Turn[] =>
  conversation.messages.flatMap((reply, index) => {
    const prior = conversation.messages.slice(0, index);
    return reply.role === 'assistant' && prior.some(({ role }) => role !== 'system') ? [{ conversation, prior, reply }] : [];
  });
