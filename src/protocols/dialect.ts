/**
 * How a provider counts where APIs of one family differ. A property of provider and API, never guessed from the numbers.
 * Anthropic's and Google's own APIs have one convention each, which their readers know; there only `providerCost` is read.
 */
export interface Dialect {
  /** Whether the completion count holds the reasoning tokens (OpenAI) or they stand beside it (xAI chat). */
  readonly reasoning: 'inside' | 'outside';
  /** Whether the prompt count holds what was read from and written to the prompt cache (OpenAI) or not (relays of Anthropic's counts). */
  readonly cache: 'inclusive' | 'exclusive';
  /** The unit in which the provider states its own charge, when it states one. */
  readonly providerCost?: 'usd' | 'credits' | 'usd_ticks';
}

/** OpenAI's own. */
export const openaiDialect: Dialect = { reasoning: 'inside', cache: 'inclusive' };
