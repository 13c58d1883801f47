import type { Bytes } from '../core/json.ts';
import type { Buckets, UsageReport } from '../core/usage.ts';
import { count, field } from './count.ts';
import type { Dialect } from './dialect.ts';
import { exclusive, type Totals } from './exclusive.ts';
import { providerCost, report } from './report.ts';

/** Facts beside the usage object that bear on the bill. */
export interface UsageContext {
  readonly dialect: Dialect;
  /** The stream was broken off while its counts were still growing. */
  readonly cut?: boolean;
  /** The operation has no output to speak of: embeddings. */
  readonly withoutOutput?: boolean;
  /** Searches billed by the piece, where the reply tells them outside the usage object. */
  readonly webSearches?: number | undefined;
  readonly fileSearches?: number | undefined;
  readonly images?: number | undefined;
  /** The JSON of what else was read for it, kept with the usage. */
  readonly besides?: readonly Bytes[];
  readonly flags?: readonly string[];
}

/** The bill of one `usage` object, of which `json` is the text: the OpenAI family's, chat, completions, responses and embeddings, with the fields its many imitators add. `undefined`: not an object. */
export function openaiUsage(usage: unknown, json: Bytes, context: UsageContext): UsageReport | undefined {
  if (typeof usage !== 'object' || usage === null || Array.isArray(usage)) return undefined;
  const flags = new Set(context.flags);
  const buckets = withUnits(exclusive(totalsOf(usage, context, flags), context.dialect, flags), usage, context, flags);
  if (context.cut) flags.add('lower_bound');
  const parts = context.besides ? [json, ...context.besides] : [json];
  return report(buckets, { flags, parts, cut: context.cut ?? false, providerCost: providerCost(json, context.dialect.providerCost) });
}

/** Every name a count goes by. Read by name, not by a list of names: this runs for each call, and is several times faster so. */
interface WireUsage {
  readonly [name: string]: unknown;
  readonly prompt_tokens?: unknown;
  readonly input_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly total_tokens?: unknown;
  readonly reasoning_tokens?: unknown;
  readonly audio_tokens?: unknown;
  readonly image_tokens?: unknown;
  readonly video_tokens?: unknown;
  readonly cached_tokens?: unknown;
  readonly num_cached_tokens?: unknown;
  readonly cache_read_input_tokens?: unknown;
  readonly cache_creation_input_tokens?: unknown;
  readonly cache_creation_tokens?: unknown;
  readonly cache_write_tokens?: unknown;
  readonly prompt_cache_hit_tokens?: unknown;
  readonly prompt_cache_miss_tokens?: unknown;
  readonly ttl_30m_tokens?: unknown;
  readonly ttl_12h_tokens?: unknown;
}

const empty: WireUsage = {};
const inside = (value: unknown): WireUsage | undefined => (isObject(value) ? (value as WireUsage) : undefined);

function totalsOf(object: object, context: UsageContext, flags: Set<string>): Totals {
  const usage = object as WireUsage;
  // Mistral has spelled the details in the singular too.
  const input =
    inside(usage['prompt_tokens_details']) ?? inside(usage['input_tokens_details']) ?? inside(usage['prompt_token_details']) ?? empty;
  const output = inside(usage['completion_tokens_details']) ?? inside(usage['output_tokens_details']) ?? empty;
  const written = inside(input['cache_write_tokens_details']) ?? empty;
  const cached = inside(input['cached_tokens_details']) ?? empty;
  // DeepSeek: hits and misses sum to the prompt.
  const hits = count(usage.prompt_cache_hit_tokens, flags);
  const prompt =
    count(usage.prompt_tokens, flags) ?? count(usage.input_tokens, flags) ?? sum(hits, count(usage.prompt_cache_miss_tokens, flags));
  const completion = count(usage.completion_tokens, flags) ?? count(usage.output_tokens, flags);
  const total = context.cut ? undefined : count(usage.total_tokens, flags);
  const reasoning = count(output.reasoning_tokens, flags) ?? count(usage.reasoning_tokens, flags);
  return {
    prompt,
    audio: count(input.audio_tokens, flags),
    image: count(input.image_tokens, flags),
    video: count(input.video_tokens, flags),
    cacheRead: readOf(usage, input, hits, flags),
    cacheReadAudio: count(cached.audio_tokens, flags),
    cacheReadImage: count(cached.image_tokens, flags),
    cacheWrite:
      count(input.cache_write_tokens, flags) ??
      count(input.cache_creation_tokens, flags) ??
      count(usage.cache_creation_input_tokens, flags),
    cacheWrite30m: count(written.ttl_30m_tokens, flags),
    cacheWrite12h: count(written.ttl_12h_tokens, flags),
    completion: completion ?? (context.withoutOutput ? 0 : undefined),
    reasoning: reasoning ?? besides(context, total, prompt, completion, flags),
    outputAudio: count(output.audio_tokens, flags),
    outputImage: count(output.image_tokens, flags),
    total,
  };
}

const readOf = (usage: WireUsage, input: WireUsage, hits: number | undefined, flags: Set<string>): number | undefined =>
  count(input.cached_tokens, flags) ??
  hits ??
  count(usage.num_cached_tokens, flags) ??
  count(usage.cached_tokens, flags) ??
  count(usage.cache_read_input_tokens, flags);

/** Reasoning that nothing but the total tells, where it stands beside the completion. */
function besides(
  { dialect }: UsageContext,
  total: number | undefined,
  prompt: number | undefined,
  completion: number | undefined,
  flags: Set<string>,
): number | undefined {
  return dialect.reasoning === 'outside' && dialect.cache === 'inclusive' ? unsaid(total, prompt, completion, flags) : undefined;
}

/** Reasoning that stands beside the completion and is told only by the total: Google's OpenAI-compatible API. */
function unsaid(
  total: number | undefined,
  prompt: number | undefined,
  completion: number | undefined,
  flags: Set<string>,
): number | undefined {
  if (total === undefined || prompt === undefined || completion === undefined || total <= prompt + completion) return undefined;
  flags.add('reasoning_from_total');
  return total - prompt - completion;
}

function withUnits(buckets: Buckets, usage: object, context: UsageContext, flags: Set<string>): Buckets {
  const searches = context.webSearches ?? count(field(field(usage, 'server_tool_use'), 'web_search_requests'), flags);
  if (!searches && !context.fileSearches && !context.images) return buckets;
  return {
    ...buckets,
    ...(searches ? { webSearch: searches } : {}),
    ...(context.fileSearches ? { fileSearch: context.fileSearches } : {}),
    ...(context.images ? { imageGeneration: context.images } : {}),
  };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const sum = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? undefined : a + b);
