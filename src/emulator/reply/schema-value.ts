import type { Json, JsonObject } from '../../core/json.ts';
import { listOf, numberOf, objectOf, textOf } from '../wire/fields.ts';

const depthMax = 16;
/** Values for arguments whose meaning the name tells: what coding agents' shell tools take. */
const known: Readonly<Record<string, string>> = { command: 'echo emulator', cmd: 'echo emulator', description: 'Say emulator' };
const formats: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  time: '00:00:00Z',
  'date-time': '2026-01-01T00:00:00Z',
  email: 'emulator@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '127.0.0.1',
  ipv6: '::1',
  hostname: 'example.com',
};
const candidates = [
  'emulator',
  'a',
  'A',
  '0',
  '1',
  'a1',
  'A-1',
  '2026-01-01',
  '00:00',
  'aa',
  '00',
  '000',
  '0000',
  'emulator@example.com',
  '/a',
  '#000000',
];

/** The smallest value that is valid for a JSON Schema (or Google's upper-case dialect). A `pattern` is met from a short list of candidates. */
export function minimalValue(schema: Json | undefined): Json {
  return build(objectOf(schema), objectOf(schema), '', 0);
}

function build(schema: JsonObject, root: JsonObject, name: string, depth: number): Json {
  if (depth > depthMax) return null;
  if (schema['const'] !== undefined) return schema['const'];
  const allowed = listOf(schema['enum']);
  if (allowed.length > 0) return allowed[0]!;
  const other = referred(schema, root);
  if (other) return build(other, root, name, depth + 1);
  switch (typeOf(schema)) {
    case 'object':
      return objectValue(schema, root, depth);
    case 'array':
      return arrayValue(schema, root, name, depth);
    case 'integer':
    case 'number':
      return numberValue(schema, typeOf(schema) === 'integer');
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return stringValue(schema, name);
  }
}

/** The schema that stands in for this one: a reference, the first alternative, or all parts merged. */
function referred(schema: JsonObject, root: JsonObject): JsonObject | undefined {
  const reference = textOf(schema['$ref']);
  if (reference !== undefined) return lookUp(reference, root);
  const alternatives = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  if (alternatives.length > 0) return { ...schema, anyOf: undefined, oneOf: undefined, ...objectOf(alternatives[0]) };
  const parts = listOf(schema['allOf']).map((part) => objectOf(part));
  if (parts.length > 0) return parts.reduce(merged, { ...schema, allOf: undefined });
  return undefined;
}

const lookUp = (reference: string, root: JsonObject): JsonObject =>
  reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((step) => step !== '')
    .reduce<JsonObject>((at, step) => objectOf(at[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')]), root);

function merged(left: JsonObject, right: JsonObject): JsonObject {
  return {
    ...left,
    ...right,
    properties: { ...objectOf(left['properties']), ...objectOf(right['properties']) },
    required: [...listOf(left['required']), ...listOf(right['required'])],
  };
}

function typeOf(schema: JsonObject): string {
  const stated = Array.isArray(schema['type']) ? textOf((schema['type'] as readonly Json[])[0]) : textOf(schema['type']);
  if (stated !== undefined) return stated.toLowerCase();
  if (schema['properties'] !== undefined) return 'object';
  if (schema['items'] !== undefined) return 'array';
  return schema['minimum'] !== undefined || schema['maximum'] !== undefined ? 'number' : 'string';
}

function objectValue(schema: JsonObject, root: JsonObject, depth: number): Json {
  const properties = objectOf(schema['properties']);
  const names = listOf(schema['required']).filter((name): name is string => typeof name === 'string');
  return Object.fromEntries(names.map((name) => [name, build(objectOf(properties[name]), root, name, depth + 1)]));
}

function arrayValue(schema: JsonObject, root: JsonObject, name: string, depth: number): Json {
  if (name === 'command') return ['bash', '-lc', 'echo emulator'];
  const prefix = listOf(schema['prefixItems']).map((item) => build(objectOf(item), root, '', depth + 1));
  const wanted = Math.min(numberOf(schema['minItems']) ?? 0, 1000);
  const rest = Math.max(0, wanted - prefix.length);
  return [...prefix, ...Array.from({ length: rest }, () => build(objectOf(schema['items']), root, '', depth + 1))];
}

function numberValue(schema: JsonObject, whole: boolean): number {
  const step = numberOf(schema['multipleOf']) ?? (whole ? 1 : 0);
  const above = numberOf(schema['exclusiveMinimum']);
  const least = numberOf(schema['minimum']) ?? (above === undefined ? undefined : above + (step || 1));
  const below = numberOf(schema['exclusiveMaximum']);
  const most = numberOf(schema['maximum']) ?? (below === undefined ? Infinity : below - (step || 1));
  const value = Math.min(Math.max(1, least ?? 1), most);
  if (step === 0) return value;
  const up = Math.ceil(value / step) * step;
  return up <= most ? up : Math.floor(most / step) * step;
}

function stringValue(schema: JsonObject, name: string): string {
  const pattern = textOf(schema['pattern']);
  const preferred = formats[textOf(schema['format']) ?? ''] ?? known[name] ?? 'emulator';
  const least = Math.min(numberOf(schema['minLength']) ?? 0, 100_000);
  const text = preferred.padEnd(least, 'a').slice(0, numberOf(schema['maxLength']) ?? Infinity);
  if (pattern === undefined) return text;
  const matcher = new RegExp(pattern, 'u');
  return matcher.test(text) ? text : (candidates.find((candidate) => matcher.test(candidate) && candidate.length >= least) ?? text);
}
