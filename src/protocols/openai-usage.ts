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
  const parts = [json, ...(context.besides ?? [])];
  const cost = providerCost(json, context.dialect.providerCost);
  return report(buckets, { flags, parts, cut: context.cut ?? false, ...(cost ? { providerCost: cost } : {}) });
}

function totalsOf(usage: object, context: UsageContext, flags: Set<string>): Totals {
  // Mistral has spelled the details in the singular too.
  const input = ['prompt_tokens_details', 'input_tokens_details', 'prompt_token_details'].map((key) => field(usage, key)).find(isObject);
  const output = ['completion_tokens_details', 'output_tokens_details'].map((key) => field(usage, key)).find(isObject);
  const first = (...values: readonly unknown[]): number | undefined => {
    for (const value of values) {
      const told = count(value, flags);
      if (told !== undefined) return told;
    }
    return undefined;
  };
  const cache = cacheOf(usage, input, first);
  const prompt = first(field(usage, 'prompt_tokens'), field(usage, 'input_tokens')) ?? sum(cache.hits, cache.misses);
  const reasoning = first(field(output, 'reasoning_tokens'), field(usage, 'reasoning_tokens'));
  const completion = first(field(usage, 'completion_tokens'), field(usage, 'output_tokens'));
  const total = context.cut ? undefined : first(field(usage, 'total_tokens'));
  return {
    prompt,
    audio: first(field(input, 'audio_tokens')),
    image: first(field(input, 'image_tokens')),
    video: first(field(input, 'video_tokens')),
    ...cache.parts,
    completion: completion ?? (context.withoutOutput ? 0 : undefined),
    reasoning:
      reasoning ??
      (context.dialect.reasoning === 'outside' && context.dialect.cache === 'inclusive'
        ? unsaid(total, prompt, completion, flags)
        : undefined),
    outputAudio: first(field(output, 'audio_tokens')),
    outputImage: first(field(output, 'image_tokens')),
    total,
  };
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

type First = (...values: readonly unknown[]) => number | undefined;

function cacheOf(usage: object, input: unknown, first: First) {
  const written = field(input, 'cache_write_tokens_details');
  const cached = field(input, 'cached_tokens_details');
  // DeepSeek: hits and misses sum to the prompt.
  const hits = first(field(usage, 'prompt_cache_hit_tokens'));
  return {
    hits,
    misses: first(field(usage, 'prompt_cache_miss_tokens')),
    parts: {
      cacheRead: first(
        field(input, 'cached_tokens'),
        hits,
        field(usage, 'num_cached_tokens'),
        field(usage, 'cached_tokens'),
        field(usage, 'cache_read_input_tokens'),
      ),
      cacheReadAudio: first(field(cached, 'audio_tokens')),
      cacheReadImage: first(field(cached, 'image_tokens')),
      cacheWrite: first(
        field(input, 'cache_write_tokens'),
        field(input, 'cache_creation_tokens'),
        field(usage, 'cache_creation_input_tokens'),
      ),
      cacheWrite30m: first(field(written, 'ttl_30m_tokens')),
      cacheWrite12h: first(field(written, 'ttl_12h_tokens')),
    },
  };
}

function withUnits(buckets: Buckets, usage: object, context: UsageContext, flags: Set<string>): Buckets {
  const searches = context.webSearches ?? count(field(field(usage, 'server_tool_use'), 'web_search_requests'), flags);
  return {
    ...buckets,
    ...(searches ? { webSearch: searches } : {}),
    ...(context.fileSearches ? { fileSearch: context.fileSearches } : {}),
    ...(context.images ? { imageGeneration: context.images } : {}),
  };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const sum = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? undefined : a + b);
