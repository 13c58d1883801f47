import type { Json, JsonObject } from '../../core/json.ts';
import { fits } from './fits.ts';

/** A longer answer is not checked. */
export const maxAnswerCharacters = 256 << 10;
/** Beginnings of JSON that are tried behind visible reasoning. */
const maxStarts = 20;

/** What is wrong with an answer that was to fit a schema. Reasoning may stand before it. */
export function faultOf(schema: JsonObject, text: string): 'invalid_json' | 'schema_mismatch' | undefined {
  if (text.length > maxAnswerCharacters) return undefined;
  const value = valueIn(text);
  if (value === undefined) return 'invalid_json';
  return fits(schema, value) ? undefined : 'schema_mismatch';
}

function valueIn(text: string): Json | undefined {
  const whole = parsed(text);
  if (whole !== undefined) return whole;
  const starts = text.matchAll(/[{[]/g);
  for (let tried = 0; tried < maxStarts; tried++) {
    const start = starts.next().value;
    const value = start && parsed(text.slice(start.index));
    if (!start || value !== undefined) return value;
  }
  return undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
