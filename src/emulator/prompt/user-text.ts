import type { JsonObject } from '../../core/json.ts';
import { listOf, objectOf, textOf } from '../wire/fields.ts';

/** The last text block of the last user message, without what clients wrap around it. */
export function userText(messages: readonly JsonObject[]): string {
  const content = messages.findLast((message) => message['role'] === 'user')?.['content'];
  if (typeof content === 'string') return spoken(content);
  const texts = listOf(content).map((block) => spoken(textOf(objectOf(block)['text']) ?? ''));
  return texts.findLast((text) => text !== '') ?? '';
}

const wrapped = /<system-reminder>[\s\S]*?<\/system-reminder>/g;
/** Coding agents put reminders into the user's message; they are not what the user asked. */
const spoken = (text: string): string => text.replace(wrapped, '').trim();
