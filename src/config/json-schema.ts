import * as z from 'zod';
import { configSchema } from './schema.ts';

/** The part of JSON Schema that our options use. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly unit?: string;
  readonly secret?: boolean;
}

let made: JsonSchema | undefined;

/** Every option with its meaning, unit, default and bounds: what explanations and the reference are made from. */
export const optionTree = (): JsonSchema => (made ??= z.toJSONSchema(configSchema, { io: 'input' }) as unknown as JsonSchema);

/** The options at `path`; `undefined` where there are none. */
export function optionAt(path: readonly (string | number)[]): JsonSchema | undefined {
  let node: JsonSchema | undefined = optionTree();
  for (const step of path) node = childOf(node, step);
  return node;
}

function childOf(node: JsonSchema | undefined, step: string | number): JsonSchema | undefined {
  if (!node) return undefined;
  if (typeof step === 'number') return node.items;
  if (node.properties && Object.hasOwn(node.properties, step)) return node.properties[step];
  return node.additionalProperties || undefined;
}

const variablePattern = '\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}';

/** The JSON Schema (2020-12) for editors: numbers, switches and choices may also be written as `${VAR}`. */
export const editorSchema = (): JsonSchema => ({ ...forEditors(optionTree()), title: 'Modicum configuration' });

function forEditors(node: JsonSchema): JsonSchema {
  const { unit, secret: _, default: initial, ...rest } = node;
  const shown: JsonSchema = {
    ...rest,
    ...(unit && rest.description ? { description: `${rest.description} Unit: ${unit}.` } : {}),
    ...(node.properties || initial === undefined ? {} : { default: initial }),
    ...(node.properties && { properties: mapValues(node.properties, forEditors) }),
    ...(node.additionalProperties && { additionalProperties: forEditors(node.additionalProperties) }),
    ...(node.items && { items: forEditors(node.items) }),
  };
  return takesVariable(node) ? orVariable(shown) : shown;
}

const takesVariable = ({ type, pattern, format, enum: values }: JsonSchema): boolean =>
  type === 'integer' || type === 'number' || type === 'boolean' || values !== undefined || pattern !== undefined || format !== undefined;

function orVariable({ description, default: initial, ...rest }: JsonSchema): JsonSchema {
  return {
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { default: initial }),
    anyOf: [rest, { type: 'string', pattern: variablePattern }],
  };
}

const mapValues = <T, R>(object: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
