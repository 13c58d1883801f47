import type { MarkTtl, Segment } from '../prompt/prompt.ts';
import { link } from './prefix-store.ts';
import type { InputUsage } from './prompt-cache.ts';

/** The end of a segment: the name of the prefix up to it, and its tokens. */
export interface Boundary {
  readonly key: string;
  readonly tokens: number;
  readonly mark: MarkTtl | undefined;
}

export function boundariesOf(root: string, segments: readonly Segment[]): readonly Boundary[] {
  let key = root;
  let tokens = 0;
  return segments.map((segment) => {
    key = link(key, segment.content);
    tokens += segment.tokens;
    return { key, tokens, mark: segment.mark };
  });
}

/** How a prompt of `tokens` is split when `read` of them were found, and what lies behind up to the last mark is written. */
export function usageOf(tokens: number, marks: readonly Boundary[], read: number): InputUsage {
  const written = writtenBy(marks, read);
  const writtenTokens = Object.values(written).reduce((sum, more) => sum + more, 0);
  return { fresh: tokens - read - writtenTokens, read, written };
}

/** Splits what lies between `read` and each mark by the mark's lifetime. */
function writtenBy(marks: readonly Boundary[], read: number): { readonly [T in MarkTtl]?: number } {
  const written: { [T in MarkTtl]?: number } = {};
  let before = read;
  for (const { tokens, mark } of marks) {
    if (mark === undefined || tokens <= before) continue;
    written[mark] = (written[mark] ?? 0) + tokens - before;
    before = tokens;
  }
  return written;
}
