import type { Json, JsonObject } from '../core/json.ts';

export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** JSON with its keys in order, so that the same arguments are the same text. */
export function orderedJson(value: Json | undefined): string {
  return (
    JSON.stringify(value, (_, each: Json) =>
      typeof each === 'object' && each !== null && !Array.isArray(each) ? ordered(each as JsonObject) : each,
    ) ?? ''
  );
}

const ordered = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).toSorted(([left], [right]) => (left < right ? -1 : 1)));

/** Arguments written as JSON text; what is none stays as it is. */
export function orderedText(json: string): string {
  try {
    return orderedJson(JSON.parse(json) as Json);
  } catch {
    return json.trim();
  }
}

/** A text, or a list of blocks: their texts one below the other, and what is no text (an image) by its JSON, so that another image is another text. */
export function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === null || content === undefined ? '' : orderedJson(content);
  return (content as readonly Json[]).map(blockText).join('\n');
}

function blockText(block: Json): string {
  if (typeof block === 'string') return block;
  const { text } = objectOf(block);
  return typeof text === 'string' ? text : orderedJson(block);
}
