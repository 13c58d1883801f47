import { apis, type ApiId } from '../core/api.ts';
import type { Call } from '../core/call.ts';
import { jsonBytes, type Bytes, type Json } from '../core/json.ts';

/** What a call may answer at most. */
export interface OutputCap {
  /** Of one answer; `undefined`: the call does not say. */
  readonly tokens: number | undefined;
  /** Answers asked for at once. */
  readonly answers: number;
}

/** Top-level keys that cap an answer, by API; the first that is set counts. */
const capKeys: { readonly [A in ApiId]?: readonly string[] } = {
  'openai.chat': ['max_completion_tokens', 'max_tokens'],
  'openai.completions': ['max_tokens'],
  'openai.responses': ['max_output_tokens'],
  'anthropic.messages': ['max_tokens'],
};
/** The old API answers this much unasked. */
const completionsDefault = 16;
/** Keys of Google's settings in both spellings that it takes. */
const googleSettings = ['generationConfig', 'generation_config'] as const;
const googleCaps = ['maxOutputTokens', 'max_output_tokens'] as const;
const googleCounts = ['candidateCount', 'candidate_count'] as const;
/** Settings longer than this are not read: their cap is unknown. */
const maxSettingsBytes = 256 * 1024;

/** Whether an API answers with tokens at all: counting and embeddings do not. */
export const answers = (api: ApiId): boolean => capKeys[api] !== undefined || api === 'google.generate_content';

export function outputCap(call: Call): OutputCap {
  const { api } = call;
  if (api === 'google.generate_content') {
    const settings = googleSettingsOf(call);
    return { tokens: whole(first(settings, googleCaps)), answers: Math.max(1, whole(first(settings, googleCounts)) ?? 1) };
  }
  const tokens = (capKeys[api] ?? []).map((key) => number(call.json(key))).find((cap) => cap !== undefined);
  if (api === 'openai.completions')
    return { tokens: tokens ?? completionsDefault, answers: Math.max(1, number(call.json('n')) ?? 1, number(call.json('best_of')) ?? 1) };
  return { tokens, answers: api === 'openai.chat' ? Math.max(1, number(call.json('n')) ?? 1) : 1 };
}

/** The same call with its answers capped. */
export function withOutputCap(call: Call, tokens: number): Call {
  if (call.api === 'google.generate_content') {
    const key = googleSettings.find((name) => call.json(name)) ?? googleSettings[0];
    return call.withJson({ [key]: jsonBytes({ ...(googleSettingsOf(call) as { [key: string]: Json }), maxOutputTokens: tokens }) });
  }
  const key = capKeys[call.api]?.[0];
  return key === undefined ? call : call.withJson({ [key]: jsonBytes(tokens) });
}

function googleSettingsOf(call: Call): Readonly<Record<string, unknown>> {
  const json = googleSettings.map((key) => call.json(key)).find((found) => found !== undefined);
  if (!json || json.length > maxSettingsBytes) return {};
  try {
    const settings: unknown = JSON.parse(json.toString('utf8'));
    return typeof settings === 'object' && settings !== null ? (settings as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const first = (settings: Readonly<Record<string, unknown>>, names: readonly string[]): unknown =>
  names.map((name) => settings[name]).find((value) => value !== undefined);

const whole = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.ceil(value) : undefined;

const number = (json: Bytes | undefined): number | undefined =>
  json && json.length < 20 && json.length > 0
    ? json[0] === 110 /* null */
      ? undefined
      : whole(Number(json.toString('latin1')))
    : undefined;

/** Whether an answer may hold sound or pictures, which have rates of their own. */
export function answersInMedia(call: Call): boolean {
  if (apis[call.api].family === 'google') return /"response_?modalities"/i.test(settingsText(call));
  return call.json('modalities')?.includes('audio') ?? false;
}

function settingsText(call: Call): string {
  const json = googleSettings.map((key) => call.json(key)).find((found) => found !== undefined);
  return json?.toString('latin1', 0, maxSettingsBytes) ?? '';
}
