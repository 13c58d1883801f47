import type { UsageReport } from '../core/usage.ts';

/** How the OpenAI-shaped chat replies of a provider count, where providers differ. A property of the provider, never guessed from the numbers. */
export interface MeteringDialect {
  /** Whether `completion_tokens` includes the reasoning tokens. */
  readonly reasoning: 'inside' | 'outside';
  /** Whether `prompt_tokens` includes what was read from and written to the cache. */
  readonly cache: 'inclusive' | 'exclusive';
  /**
   * `ask`: a stream tells its usage when `stream_options.include_usage` asks for it. `always`: unasked, so nothing is added.
   * `never`: asking is refused, so nothing may be added.
   */
  readonly streamUsage: 'ask' | 'always' | 'never';
  /** The unit in which the provider states its own charge, when it states one. */
  /**
   * Which name of the model makes the price. `told`: the reply's. `asked`: the request's, where it has a region or profile that the reply leaves
   * out. Left out: `told`.
   */
  readonly priceBy?: 'told' | 'asked';
  readonly providerCost?: NonNullable<UsageReport['providerCost']>['unit'];
}

/** OpenAI's own counting: also what an unknown compatible server is taken for. */
const standard: MeteringDialect = { reasoning: 'inside', cache: 'inclusive', streamUsage: 'ask' };

/** By catalog id. */
const departures: ReadonlyMap<string, Partial<MeteringDialect>> = new Map<string, Partial<MeteringDialect>>([
  // total = prompt + completion + reasoning: vercel/ai PR 12425, inspect_ai 5528. A tick is 1e-10 USD.
  ['x-ai', { reasoning: 'outside', providerCost: 'usd_ticks' }],
  // On the last message whatever was asked; `include_usage` is ignored (usage accounting manual). Charges in credits.
  ['openrouter', { streamUsage: 'always', providerCost: 'credits' }],
  // On the last chunk that has choices, unasked: mistralai/client-python 40.
  ['mistral', { streamUsage: 'always' }],
  // On the last chunk, unasked.
  ['groq', { streamUsage: 'always' }],
  // Cache tokens beside the input, as the vendors' own APIs have it: opencode PR 38427, apisix 14044.
  ['aws', { cache: 'exclusive', priceBy: 'asked' }],
  ['anthropic', { cache: 'exclusive' }],
  // `thoughtsTokenCount` stands beside `candidatesTokenCount`.
  ['google', { reasoning: 'outside' }],
]);

/** `provider`: id of the catalog; one it does not know counts as OpenAI does. */
export const dialectOf = (provider: string): MeteringDialect => ({ ...standard, ...departures.get(provider) });
