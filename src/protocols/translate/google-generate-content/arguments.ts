import type { Json, JsonObject } from '../../../core/json.ts';

/** The object that a text is the JSON of; an empty text is an empty object, as models write it. */
export function parsedObject(text: string): JsonObject | undefined {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
