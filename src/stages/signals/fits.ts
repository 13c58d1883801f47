import type { Json, JsonObject } from '../../core/json.ts';
import { isObject } from './schema.ts';

/** Deeper values fit: what is not checked is never called wrong. */
const maxDepth = 40;

/**
 * Whether a value fits a JSON Schema, as far as these keywords say: type, nullable, enum, const, properties, required,
 * additionalProperties, items, anyOf, oneOf, allOf and references within the schema. All others are taken as kept.
 */
export const fits = (schema: JsonObject, value: Json): boolean => fitsAt(schema, schema, value, 0);

function fitsAt(root: JsonObject, schema: Json | undefined, value: Json, depth: number): boolean {
  if (!isObject(schema) || depth > maxDepth) return schema !== false;
  const reference = schema['$ref'];
  if (typeof reference === 'string') return fitsAt(root, resolved(root, reference), value, depth + 1);
  if (value === null && schema['nullable'] === true) return true;
  const inside = (inner: Json | undefined, of: Json): boolean => fitsAt(root, inner, of, depth + 1);
  return (
    fitsType(schema['type'], value) &&
    isAmong(schema, value) &&
    fitsParts(schema, value, inside) &&
    (!Array.isArray(value) || value.every((item: Json) => inside(schema['items'], item))) &&
    (!isObject(value) || fitsProperties(schema, value, inside))
  );
}

type Inside = (schema: Json | undefined, value: Json) => boolean;

function resolved(root: JsonObject, reference: string): Json | undefined {
  if (!reference.startsWith('#')) return undefined;
  const names = reference.split('/').slice(1).map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')); // prettier-ignore
  return names.reduce<Json | undefined>((at, name) => (isObject(at) ? at[name] : undefined), root);
}

/** Google writes types in capitals. */
function fitsType(type: Json | undefined, value: Json): boolean {
  if (type === undefined) return true;
  const names = Array.isArray(type) ? (type as readonly Json[]) : [type];
  return names.some((name) => typeof name !== 'string' || isOfType(name.toLowerCase(), value));
}

function isOfType(name: string, value: Json): boolean {
  if (name === 'null') return value === null;
  if (name === 'array') return Array.isArray(value);
  if (name === 'object') return isObject(value);
  if (name === 'integer') return Number.isInteger(value);
  return !['string', 'number', 'boolean'].includes(name) || typeof value === name;
}

function isAmong(schema: JsonObject, value: Json): boolean {
  const text = JSON.stringify(value);
  const { enum: allowed, const: only } = schema;
  if (Array.isArray(allowed) && !allowed.some((one: Json) => JSON.stringify(one) === text)) return false;
  return only === undefined || JSON.stringify(only) === text;
}

function fitsParts({ anyOf, oneOf, allOf }: JsonObject, value: Json, inside: Inside): boolean {
  const listed = (list: Json | undefined): list is readonly Json[] => Array.isArray(list);
  return (
    (!listed(anyOf) || anyOf.some((part) => inside(part, value))) &&
    (!listed(oneOf) || oneOf.some((part) => inside(part, value))) &&
    (!listed(allOf) || allOf.every((part) => inside(part, value)))
  );
}

function fitsProperties({ properties, required, additionalProperties }: JsonObject, value: JsonObject, inside: Inside): boolean {
  if (Array.isArray(required) && !required.every((name: Json) => typeof name !== 'string' || Object.hasOwn(value, name))) return false;
  const known = isObject(properties) ? properties : {};
  return Object.entries(value).every(([name, inner]) =>
    inner === undefined ? true : inside(Object.hasOwn(known, name) ? known[name] : additionalProperties, inner),
  );
}
