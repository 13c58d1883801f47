import type { MarkTtl } from '../prompt/prompt.ts';
import { boundariesOf, usageOf, type Boundary } from './chain.ts';
import type { CacheOutcome, CacheRequest } from './prompt-cache.ts';
import { ttlMsOf } from './rules.ts';

/** What a request says about caching beside its marks. */
export interface CacheOptions {
  /** OpenAI up to 5.5, `prompt_cache_retention`. */
  readonly retentionMs?: number | undefined;
  /** OpenAI from 5.6, `prompt_cache_options`; `ttl` is the implicit mark's. */
  readonly mode?: 'implicit' | 'explicit' | undefined;
  readonly ttl?: MarkTtl | undefined;
}

/** Explicit marks that count, besides the implicit one and without it. */
export const marksWithImplicit = 3;
export const marksExplicit = 4;
/** Prefixes are looked for at this many of the latest block ends. */
export const lookBackBoundaries = 80;

/** OpenAI from 5.6: implicit mode marks the end of the prompt by itself; explicit mode without marks does not cache. Writes are paid. */
export function readOptions({ prompt, rule, store, root, options }: CacheRequest): CacheOutcome {
  const boundaries = boundariesOf(root, prompt.segments);
  const marks = marksOf(boundaries, options).filter(({ tokens }) => tokens >= rule.minimumTokens);
  const latest = boundaries.slice(-lookBackBoundaries);
  const hit = marks.length === 0 ? undefined : latest.findLast(({ key, tokens }) => tokens >= rule.minimumTokens && store.has(key));
  return {
    usage: usageOf(prompt.tokens, marks, hit?.tokens ?? 0),
    commit() {
      for (const { key, mark } of marks) store.put(key, ttlMsOf[mark!]);
      if (hit) store.refresh(hit.key);
    },
  };
}

function marksOf(boundaries: readonly Boundary[], { mode = 'implicit', ttl = '30m' }: CacheOptions): readonly Boundary[] {
  const explicit = boundaries.filter(({ mark }) => mark !== undefined);
  const last = boundaries.at(-1);
  if (mode === 'explicit' || !last) return explicit.slice(-marksExplicit);
  const others = explicit.filter(({ key }) => key !== last.key);
  return [...others.slice(-marksWithImplicit), { ...last, mark: ttl }];
}
