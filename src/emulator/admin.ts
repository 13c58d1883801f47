import type { Json, JsonObject } from '../core/json.ts';
import { billJson } from './bill/bill.ts';
import { scriptedReply } from './reply/script.ts';
import type { EmulatorState } from './state.ts';
import { VendorError } from './wire/errors.ts';
import { listOf, objectOf, textOf } from './wire/fields.ts';

/** Replies by the key that `x-emulator-script` names. */
export interface ScriptEntry {
  readonly key: string;
  /** `{content, tool_calls, reasoning}` */
  readonly reply: Json;
}

export function addScripts(state: EmulatorState, entries: readonly ScriptEntry[]): void {
  for (const { key, reply } of entries) state.scripts.set(key, scriptedReply(reply));
}

export function resetState(state: EmulatorState): void {
  state.ledger.clear();
  state.cache.clear();
  state.scripts.clear();
  state.responses.clear();
  state.batches.clear();
  state.files.clear();
}

/** `/__emulator/...`: the emulator's own routes, which no vendor has. JSON text. @throws {VendorError} */
export async function administer(state: EmulatorState, method: string, path: string, body: () => Promise<JsonObject>): Promise<string> {
  switch (`${method} ${path}`) {
    case 'GET /__emulator/bill':
      return billJson(state.ledger.bill());
    case 'POST /__emulator/reset':
      resetState(state);
      return '{}';
    case 'POST /__emulator/script':
      return JSON.stringify({ scripted: posted(state, await body()) });
    default:
      throw new VendorError(404, 'no such route');
  }
}

/** One `{key, reply}`, or `{replies: [...]}` of them. */
function posted(state: EmulatorState, body: JsonObject): number {
  const entries = (body['replies'] === undefined ? [body] : listOf(body['replies'])).map(objectOf);
  addScripts(state, entries.map(entryOf));
  return entries.length;
}

function entryOf(entry: JsonObject): ScriptEntry {
  const key = textOf(entry['key']);
  if (key === undefined || entry['reply'] === undefined) throw new VendorError(400, 'a script entry needs a key and a reply');
  return { key, reply: entry['reply'] };
}
