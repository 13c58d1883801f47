import type { JsonObject } from '../../../core/json.ts';
import type { Buckets, ServedTier } from '../../../core/usage.ts';
import type { ReplyUsage } from '../../../core/canonical/reply-event.ts';

/** Usage as the last event of a stream tells it: cumulative, the input side included. An unknown count is `null`, but for the output, which must be a number. */
export function deltaUsageOf(buckets: Buckets): JsonObject {
  const total = (...names: readonly (keyof Buckets)[]): number | null => {
    const counts = names.map((name) => buckets[name]);
    return counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  };
  return {
    input_tokens: total('input', 'inputAudio', 'inputImage', 'inputVideo'),
    cache_creation_input_tokens: total('cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'),
    cache_read_input_tokens: total('cacheRead', 'cacheReadAudio', 'cacheReadImage', 'cacheReadVideo'),
    output_tokens: total('output', 'reasoning', 'outputAudio', 'outputImage') ?? 0,
    output_tokens_details: typeof buckets.reasoning === 'number' ? { thinking_tokens: buckets.reasoning } : null,
    server_tool_use: serverToolUse(buckets),
    ...((buckets.cacheWrite5m || buckets.cacheWrite1h) && lifetimes(buckets)),
  };
}

/** Anthropic tells it at the start of a stream, where it is not known yet: so it stands at the end too. */
const lifetimes = ({ cacheWrite5m, cacheWrite1h }: Buckets): JsonObject => ({
  cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m ?? 0, ephemeral_1h_input_tokens: cacheWrite1h ?? 0 },
});

function serverToolUse({ webSearch, webFetch }: Buckets): JsonObject | null {
  if (!webSearch && !webFetch) return null;
  return { web_search_requests: webSearch ?? 0, web_fetch_requests: webFetch ?? 0 };
}

/** The full usage of a message; without any: zeros, as a stream begins, for Anthropic's clients want numbers here. */
export function usageOf(usage: ReplyUsage | undefined): JsonObject {
  const { buckets, served } = usage ?? { buckets: {}, served: {} };
  const told = deltaUsageOf(buckets);
  return {
    ...told,
    input_tokens: told['input_tokens'] ?? 0,
    ...lifetimes(buckets),
    ...tierOf(served),
  };
}

const tiers: Readonly<Record<string, string>> = { standard: 'standard', default: 'standard', priority: 'priority', batch: 'batch' };

const tierOf = ({ serviceTier, speed, inferenceGeo }: ServedTier): JsonObject => ({
  service_tier: tiers[serviceTier ?? ''] ?? null,
  inference_geo: inferenceGeo ?? null,
  speed: speed ?? null,
});
