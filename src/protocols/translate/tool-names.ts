import type { Message } from '../../core/canonical/message.ts';
import type { ToolCallPart, ToolResultPart } from '../../core/canonical/part.ts';

/** The same messages; answers of tools know the name of their tool and whether it is a custom one, and neighbouring messages of tools are one. */
export function withToolNames(messages: readonly Message[]): readonly Message[] {
  const calls = new Map<string, ToolCallPart>();
  const named: Message[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') for (const part of message.parts) if (part.type === 'tool-call') calls.set(part.id, part);
    if (message.role === 'tool') push(named, { role: 'tool', parts: message.parts.map((part) => withName(part, calls.get(part.callId))) });
    else named.push(message);
  }
  return named;
}

function push(named: Message[], message: Extract<Message, { role: 'tool' }>): void {
  const last = named.at(-1);
  if (last?.role === 'tool') named[named.length - 1] = { role: 'tool', parts: [...last.parts, ...message.parts] };
  else named.push(message);
}

function withName(part: ToolResultPart, call: ToolCallPart | undefined): ToolResultPart {
  if (!call) return part;
  return { ...part, name: part.name ?? call.name, ...(call.custom ? { custom: true } : {}) };
}
