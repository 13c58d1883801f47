import type { Message } from './conversation.ts';

/** All instructions, for APIs that have one place for them. */
export const systemText = (messages: readonly Message[]): string =>
  messages.flatMap(({ role, content }) => (role === 'system' && content !== '' ? [content] : [])).join('\n\n');
