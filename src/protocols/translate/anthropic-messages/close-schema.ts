import type { Json, JsonObject } from '../../../core/json.ts';

/** A schema whose objects allow no other properties where they said nothing of them; itself when nothing is missing. */
export const closed = (schema: JsonObject): JsonObject => walked(schema) as JsonObject;

/** Keys whose values are data, not schemas. */
const data: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples']);
/** Keys whose values name schemas: a property called `type` is no type. */
const named: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'patternProperties']);

function walked(value: Json, names = false): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return same(
      value,
      value.map((one: Json) => walked(one)),
    ) as Json;
  const object = value as JsonObject;
  const draft: Record<string, Json | undefined> = {};
  for (const [key, inner] of Object.entries(object))
    draft[key] = inner === undefined || data.has(key) ? inner : walked(inner, named.has(key));
  if (!names && object['type'] === 'object' && object['additionalProperties'] === undefined)
    return { ...draft, additionalProperties: false };
  return same(object, draft) as Json;
}

/** The old one when all its values are. */
function same<T extends object>(before: T, after: T): T {
  return Object.entries(after).every(([key, value]) => before[key as keyof T] === value) ? before : after;
}
