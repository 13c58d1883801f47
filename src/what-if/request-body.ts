import type { Json, JsonObject } from '../core/json.ts';
import type { Prompt } from '../prefix/prompt.ts';
import type { GenerationApiId } from '../emulator/generation.ts';

export interface BodyParts {
  readonly prompt: Prompt;
  /** All else that was asked for. */
  readonly settings: JsonObject;
  /** Takes the place of the recorded instructions, as JSON. */
  readonly head?: string | undefined;
  readonly items?: readonly string[] | undefined;
}

/** Larger than most recorded answers; Anthropic wants a limit, and some logs do not hold it. */
export const assumedMaxTokens = 64_000;

/** The body of a request, put together again from what a log holds of it, in pieces that its conversation shares. */
export function bodyPieces({ prompt, settings, head = prompt.head, items = prompt.items }: BodyParts): readonly string[] {
  const { api, model, tools, headKey, listKey } = prompt;
  const own = Object.entries({ ...requiredOf(api), ...settings }).filter(([key]) => key !== 'model');
  const before: readonly (readonly [string, string])[] = [
    ...(api === 'google.generate_content' ? [] : [['model', JSON.stringify(model)] as const]),
    ...own.map(([key, value]) => [key, JSON.stringify(value)] as const),
    ...(tools === undefined ? [] : [['tools', tools] as const]),
    ...(head === undefined || headKey === '' ? [] : [[headKey, head] as const]),
  ];
  const opening = before.map(([key, json]) => `${JSON.stringify(key)}:${json},`).join('');
  return [`{${opening}${JSON.stringify(listKey)}:[`, ...items.map((item, index) => (index === 0 ? item : `,${item}`)), ']}'];
}

const requiredOf = (api: Prompt['api']): JsonObject => (api === 'anthropic.messages' ? { max_tokens: assumedMaxTokens } : {});

/** Settings as the readers of logs give them: a list of entries, or an object. */
export function settingsOf(json: string | undefined): JsonObject {
  const value = json === undefined ? null : (JSON.parse(json) as Json);
  if (Array.isArray(value)) return Object.fromEntries(value as readonly [string, Json][]);
  return value !== null && typeof value === 'object' ? (value as JsonObject) : {};
}

/** Model and stream stand in the URL at Google's API. */
export const urlModel = (api: GenerationApiId, model: string): string | undefined =>
  api === 'google.generate_content' ? model : undefined;
