import type { JsonObject } from '../../../core/json.ts';
import { totalInput, totalOutput, type Buckets } from '../../../core/usage.ts';

/** Usage as OpenAI's chat tells it: totals that hold their parts. `undefined` when a total is not known, which is not 0. */
export function usageOf(buckets: Buckets): JsonObject | undefined {
  const input = totalInput(buckets);
  const output = totalOutput(buckets);
  if (input === null || output === null) return undefined;
  const sum = (...names: readonly (keyof Buckets)[]): number => names.reduce((total, name) => total + (buckets[name] ?? 0), 0);
  const written = sum('cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h');
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: sum('cacheRead', 'cacheReadAudio', 'cacheReadImage', 'cacheReadVideo'),
      ...(written > 0 && { cache_write_tokens: written }),
      audio_tokens: sum('inputAudio', 'cacheReadAudio'),
    },
    completion_tokens_details: { reasoning_tokens: sum('reasoning'), audio_tokens: sum('outputAudio') },
  };
}
