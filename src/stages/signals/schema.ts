import type { Call } from '../../core/call.ts';
import { parse, type Json, type JsonObject } from '../../core/json.ts';

/** A larger schema is not checked against. */
export const maxSchemaBytes = 64 << 10;

/** Top-level key of a request and the way from there to the JSON Schema asked for, by API. */
const places: { readonly [api: string]: readonly { readonly key: string; readonly path: readonly string[] }[] } = {
  'openai.chat': [{ key: 'response_format', path: ['json_schema', 'schema'] }],
  'openai.responses': [{ key: 'text', path: ['format', 'schema'] }],
  'anthropic.messages': [
    { key: 'output_format', path: ['schema'] },
    { key: 'output_config', path: ['format', 'schema'] },
  ],
  'google.generate_content': [
    { key: 'generationConfig', path: ['responseJsonSchema'] },
    { key: 'generationConfig', path: ['responseSchema'] },
  ],
};

/** The JSON Schema that the answer of a call must fit; `undefined`: the client asks for none. Costs a look at one key for all other calls. */
export function schemaAsked(call: Call): JsonObject | undefined {
  for (const { key, path } of places[call.api] ?? []) {
    const bytes = call.json(key);
    if (!bytes || bytes.length > maxSchemaBytes || !bytes.includes(path.at(-1)!)) continue;
    const found = path.reduce<Json | undefined>((value, name) => (isObject(value) ? value[name] : undefined), parse<Json>(bytes));
    if (isObject(found)) return found;
  }
  return undefined;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
