import type { JsonObject } from '../../../core/json.ts';
import { totalInput, totalOutput, type Buckets } from '../../../core/usage.ts';

/** The usage of a response: cached tokens inside the input, reasoning inside the output. `undefined` when the provider did not tell. */
export function usageOf(buckets: Buckets): JsonObject | undefined {
  const input = totalInput(buckets);
  const output = totalOutput(buckets);
  if (input === null || output === null) return undefined;
  const sum = (...names: readonly (keyof Buckets)[]): number => names.reduce((total, name) => total + (buckets[name] ?? 0), 0);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: sum('cacheRead', 'cacheReadAudio', 'cacheReadImage', 'cacheReadVideo'),
      cache_write_tokens: sum('cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: sum('reasoning') },
    total_tokens: input + output,
  };
}
