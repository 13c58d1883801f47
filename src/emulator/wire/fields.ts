import type { Json, JsonObject } from '../../core/json.ts';

/** Reading JSON of unknown shape: a value of another type is as good as none. */
export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
export const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
export const numberOf = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined);
/** A copy without some keys. */
export const without = (value: JsonObject, keys: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)));
/** The text under a key, `''` when there is none. */
export const wordOf = (value: Json | undefined): string => textOf(value) ?? '';
