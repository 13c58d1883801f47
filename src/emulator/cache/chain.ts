import type { MarkTtl, Segment } from '../prompt/prompt.ts';
import { link } from './prefix-store.ts';

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

/** Splits what lies between `read` and each mark by the mark's lifetime. */
export function writtenBy(marks: readonly Boundary[], read: number): { readonly [T in MarkTtl]?: number } {
  const written: { [T in MarkTtl]?: number } = {};
  let before = read;
  for (const { tokens, mark } of marks) {
    if (mark === undefined || tokens <= before) continue;
    written[mark] = (written[mark] ?? 0) + tokens - before;
    before = tokens;
  }
  return written;
}
