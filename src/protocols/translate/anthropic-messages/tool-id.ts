import { createHash } from 'node:crypto';
import type { Lost } from './marks.ts';

/** Anthropic takes no other characters in the id of a tool call; others give a hash, the same for the call and its answer. */
export function toolId(id: string, feature: 'tool_call' | 'tool_result', lost: Lost): string {
  if (/^[a-zA-Z0-9_-]+$/.test(id)) return id;
  lost.set(feature, 'Anthropic takes letters, digits, _ and - only in the id of a tool call, a hash is sent');
  return `toolu_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}
