import type { Json, JsonObject } from '../../core/json.ts';

/**
 * A content block as vendors compare it: they read blocks into typed values first, so a text given bare or as a text block is the same,
 * and neither the order of a block's own fields nor a null one matters. Inside arguments and schemas every byte counts.
 */
export function canonical(block: Json | undefined): string {
  if (typeof block === 'string') return `text ${block}`;
  if (Array.isArray(block)) return (block as readonly Json[]).map(canonical).join('\n');
  if (typeof block !== 'object' || block === null) return JSON.stringify(block);
  const fields = Object.entries(block as JsonObject).filter(([, value]) => value !== null && value !== undefined);
  const text = plainText(fields);
  if (text !== undefined) return `text ${text}`;
  return fields
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name} ${name === 'content' ? canonical(value) : JSON.stringify(value)}`)
    .join('\n');
}

/** The text of a block that is nothing but text. */
function plainText(fields: readonly (readonly [string, Json | undefined])[]): string | undefined {
  const text = fields.find(([name]) => name === 'text')?.[1];
  return typeof text === 'string' && fields.every(([name]) => name === 'text' || name === 'type') ? text : undefined;
}
