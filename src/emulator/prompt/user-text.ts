import type { Json, JsonObject } from '../../core/json.ts';
import { listOf, objectOf, textOf } from '../wire/fields.ts';

/** The last text block of the user's last turn, without what clients wrap around it. */
export function userText(messages: readonly JsonObject[]): string {
  const last = messages.findLastIndex((message) => message['role'] === 'user');
  const before = messages.slice(0, last).findLastIndex(isAnswer);
  const texts = messages
    .slice(before + 1, last + 1)
    .flatMap((message) => (message['role'] === 'user' ? spokenTexts(message['content']) : []));
  return texts.findLast((text) => text !== '') ?? '';
}

const isAnswer = (message: JsonObject): boolean => message['role'] === 'assistant' || message['role'] === 'model';

function spokenTexts(content: Json | undefined): readonly string[] {
  if (typeof content === 'string') return [spoken(content)];
  return listOf(content).map((block) => spoken(textOf(objectOf(block)['text']) ?? ''));
}

const wrapped = /<(system|system-reminder)>[\s\S]*?<\/\1>/g;
/** Coding agents and gateways put reminders and instructions into the user's message; they are not what the user asked. */
const spoken = (text: string): string => text.replace(wrapped, '').trim();
