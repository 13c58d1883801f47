import type { Json, JsonObject } from '../../../core/json.ts';

/** Schemas nested deeper are cut off: below, anything goes. */
export const maxSchemaDepth = 64;

/** Google's `Schema`, a part of OpenAPI 3.0, as JSON Schema: types in small letters, `nullable` as a type, limits as numbers. */
export function jsonSchemaOf(schema: JsonObject, depth = 0): JsonObject {
  if (depth > maxSchemaDepth) return {};
  const draft: Record<string, Json> = {};
  for (const [key, value] of Object.entries(schema)) if (value !== undefined && value !== null) convert(draft, key, value, depth);
  return schema['nullable'] === true ? orNull(draft) : draft;
}

const limits: ReadonlySet<string> = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);

function convert(draft: Record<string, Json>, name: string, value: Json, depth: number): void {
  const key = camelCase(name);
  const inner = (schema: Json): Json => (isObject(schema) ? jsonSchemaOf(schema, depth + 1) : schema);
  if (key === 'nullable') return;
  if (key === 'type' && typeof value === 'string') {
    if (value !== 'TYPE_UNSPECIFIED') draft['type'] = value.toLowerCase();
  } else if (key === 'items') draft['items'] = inner(value);
  else if (key === 'anyOf' && Array.isArray(value)) draft['anyOf'] = value.map(inner);
  else if (key === 'properties' && isObject(value)) draft['properties'] = mapped(value, inner);
  else if (key === 'example') draft['examples'] = [value];
  // 64-bit integers are strings in the JSON of protocol buffers
  else draft[key] = limits.has(key) && typeof value === 'string' ? Number(value) : value;
}

const mapped = (object: JsonObject, change: (value: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value ?? {})]));

function orNull(schema: JsonObject): JsonObject {
  const { type } = schema;
  return typeof type === 'string' ? { ...schema, type: [type, 'null'] } : { anyOf: [schema, { type: 'null' }] };
}

const camelCase = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
