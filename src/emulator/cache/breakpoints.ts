import { boundariesOf, usageOf } from './chain.ts';
import type { CacheOutcome, CacheRequest } from './prompt-cache.ts';
import { ttlMsOf } from './rules.ts';

/** How far back from a mark an older prefix is found, in blocks, the marked one included. */
export const lookBackBlocks = 20;

/** Anthropic: only marked prefixes are kept; each mark looks back a little; what lies behind the longest hit is written up to the last mark. */
export function readBreakpoints({ prompt, rule, store, root }: CacheRequest): CacheOutcome {
  const boundaries = boundariesOf(root, prompt.segments);
  const marks = boundaries.filter(({ mark, tokens }) => mark !== undefined && tokens >= rule.minimumTokens);
  const hit = boundaries.findLast(({ key, tokens }, at) => tokens >= rule.minimumTokens && seenFromMark(boundaries, at) && store.has(key));
  const read = hit?.tokens ?? 0;
  return {
    usage: usageOf(prompt.tokens, marks, read),
    commit() {
      for (const { key, mark, tokens } of marks) if (tokens > read) store.put(key, ttlMsOf[mark!]);
      for (const { key, tokens } of marks) if (tokens <= read) store.refresh(key);
      if (hit) store.refresh(hit.key);
    },
  };
}

const seenFromMark = (boundaries: readonly { readonly mark: unknown }[], at: number): boolean =>
  boundaries.slice(at, at + lookBackBlocks).some(({ mark }) => mark !== undefined);
