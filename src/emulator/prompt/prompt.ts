import type { Json, JsonObject } from '../../core/json.ts';
import { countTokens } from '../../text/tokenizer.ts';
import { without } from '../wire/fields.ts';
import { canonical } from './canonical.ts';

/** How long a marked prefix is kept. */
export type MarkTtl = '5m' | '30m' | '1h' | '12h';

/** A piece of the prompt in the order the vendor renders it, whole to the prompt cache. */
export interface Segment {
  /** What decides whether two prefixes are the same. */
  readonly content: string;
  readonly tokens: number;
  /** The client marked the end of this segment as a cache breakpoint. */
  readonly mark?: MarkTtl;
}

export interface Prompt {
  readonly segments: readonly Segment[];
  readonly tokens: number;
}

export const promptOf = (segments: readonly Segment[], extraTokens = 0): Prompt => ({
  segments,
  tokens: segments.reduce((sum, segment) => sum + segment.tokens, extraTokens),
});

/** Tokens a message costs beside its text: role and delimiters. Our choice; vendors differ and do not say. */
export const messageOverheadTokens = 4;
/** Tokens that open the reply. */
export const replyOverheadTokens = 3;
/** Any image, audio or file counts as this, whatever its size: the emulator does not decode media. */
export const mediaTokens = 765;

const marks = new Set(['cache_control', 'prompt_cache_breakpoint']);
const silent = new Set([
  'type',
  'id',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'status',
  'role',
  'signature',
  'encrypted_content',
  'thoughtSignature',
]);
const media = new Set([
  'source',
  'image_url',
  'input_audio',
  'file',
  'file_data',
  'file_url',
  'inlineData',
  'fileData',
  'inline_data',
  'file_data',
]);
const asJson = new Set(['input', 'args', 'response', 'action']);

/**
 * Tokens of a content block: its texts, and the JSON of tool arguments and results; ids, types and signatures are free, media a fixed sum.
 */
export function weigh(value: Json | undefined): number {
  if (typeof value === 'string') return countTokens(value);
  if (Array.isArray(value)) return (value as readonly Json[]).reduce<number>((sum, entry) => sum + weigh(entry), 0);
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const [key, entry] of Object.entries(value as JsonObject)) sum += weighField(key, entry);
  return sum;
}

function weighField(key: string, value: Json | undefined): number {
  if (silent.has(key) || marks.has(key)) return 0;
  if (media.has(key)) return mediaTokens;
  if (asJson.has(key) && typeof value === 'object' && value !== null) return countTokens(JSON.stringify(value));
  return weigh(value);
}

/** A content block as a segment; `role` and cache marks stand outside what is compared and counted. */
export function blockSegment(
  role: string,
  block: Json,
  options: { readonly overhead: number; readonly mark?: MarkTtl | undefined },
): Segment {
  const bare = typeof block === 'object' && block !== null && !Array.isArray(block) ? without(block as JsonObject, marks) : block;
  return withMark({ content: `${role} ${canonical(bare)}`, tokens: weigh(bare) + options.overhead }, options.mark);
}

/** A tool definition, or another piece that the model sees as JSON. */
export function jsonSegment(kind: string, value: Json, mark?: MarkTtl): Segment {
  const bare = typeof value === 'object' && value !== null && !Array.isArray(value) ? without(value as JsonObject, marks) : value;
  const content = JSON.stringify(bare);
  return withMark({ content: `${kind} ${content}`, tokens: countTokens(content) }, mark);
}

const withMark = (segment: Segment, mark: MarkTtl | undefined): Segment => (mark === undefined ? segment : { ...segment, mark });
