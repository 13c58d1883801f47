import { createHash } from 'node:crypto';

/** Names of functions have no more characters at OpenAI and Anthropic. */
const maxNameLength = 64;
const hashLength = 8;

/** The function that stands for the client's search among tools. */
export const searchName = 'tool_search';

/** The name of a function that stands for one of a group: always the same one for the same two. */
export function flatName(namespace: string, name: string): string {
  const flat = `${namespace}--${name}`;
  if (flat.length <= maxNameLength) return flat;
  const hash = createHash('sha256').update(flat).digest('hex').slice(0, hashLength);
  return `${flat.slice(0, maxNameLength - hashLength - 1)}-${hash}`;
}
