import type { Segment } from '../prompt/prompt.ts';
import { link } from './prefix-store.ts';
import type { CacheOutcome, CacheRequest } from './prompt-cache.ts';

/** A long segment can match in part: at multiples of this many characters of it. Its tokens are then counted in proportion. */
export const cutChars = 1024;

interface Position {
  readonly key: string;
  readonly tokens: number;
}

/** The longest prefix known, in whole steps and from the minimum on; the whole prompt is remembered, and writing costs nothing. */
export function readAutomatic({ prompt, rule, store, root, options }: CacheRequest): CacheOutcome {
  const positions = positionsOf(root, prompt.segments);
  const known = positions.findLast(({ key }) => store.has(key))?.tokens ?? 0;
  const stepped = Math.floor(known / rule.stepTokens) * rule.stepTokens;
  const read = stepped >= rule.minimumTokens ? stepped : 0;
  return {
    usage: { fresh: prompt.tokens - read, read, written: {} },
    commit() {
      if (prompt.tokens < rule.minimumTokens) return;
      for (const { key } of positions) store.put(key, options.retentionMs ?? rule.ttlMs);
    },
  };
}

function positionsOf(root: string, segments: readonly Segment[]): readonly Position[] {
  const positions: Position[] = [];
  let key = root;
  let before = 0;
  for (const { content, tokens } of segments) {
    for (let at = 0; at < content.length; at += cutChars) {
      key = link(key, content.slice(at, at + cutChars));
      const share = Math.min(1, (at + cutChars) / content.length);
      positions.push({ key, tokens: before + Math.floor(tokens * share) });
    }
    before += tokens;
  }
  return positions;
}
