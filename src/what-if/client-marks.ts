import type { Json, JsonObject } from '../core/json.ts';
import type { Buckets } from '../core/usage.ts';
import { hasMark } from '../prefix/marks.ts';
import type { BodyParts } from './request-body.ts';

/**
 * Logs of Anthropic's clients hold what was said, not where the client marked it for the cache. That it did shows in the usage: then its marks
 * are put back as such clients set them, on the instructions and on the newest block.
 */
export function withClientMarks(parts: BodyParts, buckets: Buckets): BodyParts {
  const { prompt, head = prompt.head, items = prompt.items } = parts;
  if (prompt.api !== 'anthropic.messages' || !usedCache(buckets) || isMarked([prompt.tools, head, ...items])) return parts;
  const mark: Json = { type: 'ephemeral', ...((buckets.cacheWrite1h ?? 0) > 0 && { ttl: '1h' }) };
  const last = items.length - 1;
  return {
    ...parts,
    ...(head !== undefined && { head: marked(head, mark) }),
    items: items.map((item, index) => (index === last ? markedMessage(item, mark) : item)),
  };
}

const usedCache = ({ cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h }: Buckets): boolean =>
  [cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h].some((tokens) => (tokens ?? 0) > 0);

const isMarked = (texts: readonly (string | undefined)[]): boolean => texts.some((text) => text !== undefined && hasMark(text));

/** `content`: JSON of a text or of a list of blocks. */
function marked(content: string, mark: Json): string {
  const value = JSON.parse(content) as Json;
  const blocks: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [{ type: 'text', text: value }];
  const last = blocks.at(-1);
  if (last === null || typeof last !== 'object' || Array.isArray(last)) return content;
  return JSON.stringify([...blocks.slice(0, -1), { ...(last as JsonObject), cache_control: mark }]);
}

function markedMessage(json: string, mark: Json): string {
  const message = JSON.parse(json) as JsonObject;
  const { content } = message;
  if (content === undefined || content === '') return json;
  return JSON.stringify({ ...message, content: JSON.parse(marked(JSON.stringify(content), mark)) as Json });
}
