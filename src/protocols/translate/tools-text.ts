import type { Tool } from '../../core/canonical/tool.ts';
import type { Bytes, Json, JsonObject } from '../../core/json.ts';
import { madeOnce } from './known-lists.ts';

/** `tools` of an API as JSON text: written once where they come again and again. `write` tells the APIs apart. */
export const toolsText = (tools: readonly Tool[], write: (tools: readonly Tool[]) => readonly Json[]): string | undefined =>
  tools.length === 0 ? undefined : madeOnce(tools, write, () => JSON.stringify(write(tools)));

/** An object that has some field, with the text of its tools behind all others. */
export function jsonWithTools(fields: JsonObject, tools: string | undefined): Bytes {
  const json = JSON.stringify(fields);
  return Buffer.from(tools === undefined ? json : `${json.slice(0, -1)},"tools":${tools}}`);
}
