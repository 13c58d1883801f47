import type { Scope } from '../core/pipeline.ts';

/** What the client wants of the cache of replies, as it wrote it. */
export function replyCacheIn(hints: readonly string[]): Scope['replyCache'] {
  let directive: string | undefined;
  let knowledge: string | undefined;
  for (let at = 0; at < hints.length; at += 2) {
    if (hints[at] === 'x-modicum-cache') directive = hints[at + 1]!;
    else if (hints[at] === 'x-modicum-knowledge-version') knowledge = hints[at + 1]!;
  }
  if (directive === undefined && knowledge === undefined) return undefined;
  return { directive, knowledge };
}
