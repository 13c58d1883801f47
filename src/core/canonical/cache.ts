export const cacheLifetimes = ['5m', '30m', '1h', '12h', '24h'] as const;
export type CacheLifetime = (typeof cacheLifetimes)[number];

/** Behind this place of the prompt the provider shall keep what it has read. Anthropic's `cache_control`, OpenAI's `prompt_cache_breakpoint`. */
export interface CacheMark {
  /** Absent: the provider's default. */
  readonly ttl?: CacheLifetime;
}

/** How the whole prompt shall be cached. */
export interface PromptCaching {
  /** Calls with the same key go to the same cache: OpenAI's `prompt_cache_key`. */
  readonly key?: string;
  /** OpenAI's `prompt_cache_options.ttl`, or `prompt_cache_retention`. */
  readonly ttl?: CacheLifetime;
  /** The provider sets a mark behind the last message by itself: Anthropic's `cache_control` of the top level. */
  readonly automatic?: CacheMark;
}
