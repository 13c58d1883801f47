import type { Json, JsonObject } from '../../core/json.ts';
import type { ApiId } from '../../core/api.ts';
import { promptOf, type Prompt } from '../../prefix/prompt.ts';
import type { ReadCall } from '../call.ts';

/** What a reader knows of the file it reads. */
export interface FileFacts {
  /** As people know it: the path given, or below it. */
  readonly name: string;
  /** Epoch ms of its last change. */
  readonly changedAt: number | undefined;
  readonly vendorOf: (model: string) => string | undefined;
}

/** Reads one file, line by line; keeps no more of it than it needs for what comes. */
export interface LineReader {
  /** One line's JSON and its number. */
  line(value: JsonObject, number: number): readonly ReadCall[];
  /** What was not complete before the file ended. */
  end(): readonly ReadCall[];
}

export const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
export const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
export const numberOf = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

/** ISO text, or seconds, ms or ns since 1970. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^\d+(\.\d+)?$/.test(value)) {
    const at = Date.parse(value);
    return Number.isNaN(at) ? undefined : at;
  }
  const number = Number(value);
  if (value === undefined || value === null || value === '' || !Number.isFinite(number) || number <= 0) return undefined;
  const ms = number > 1e16 ? number / 1e6 : number > 1e14 ? number / 1e3 : number > 1e11 ? number : number * 1000;
  return Math.round(ms);
}

/** Keys of the prompt itself, of what names a call, and of what changes nothing in its answer. */
const notSettings = new Set(['tools', 'messages', 'input', 'contents', 'system', 'instructions', 'systemInstruction', 'system_instruction', 'metadata', 'user', 'stream', 'stream_options', 'prompt_cache_key', 'safety_identifier', 'store', 'client_metadata']); // prettier-ignore

/** The prompt of a request, and the rest of it. */
export function requestFacts(api: ApiId, model: string, request: JsonObject): { readonly prompt?: Prompt; readonly settings: string } {
  const prompt = promptOf(api, model, (key) => (request[key] === undefined ? undefined : Buffer.from(JSON.stringify(request[key]))));
  const settings = JSON.stringify(Object.entries(request).filter(([key]) => !notSettings.has(key)));
  return { ...(prompt && { prompt }), settings };
}
