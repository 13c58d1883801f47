import { spanIdOf, type TraceParent } from './trace-context.ts';

/** What the client chose for its trace holds for our part of it; of calls without one a share, by a hash of their id. */
export function isSampled(requestId: string, parent: TraceParent | undefined, ratio: number): boolean {
  if (parent) return parent.isSampled;
  return ratio >= 1 || parseInt(spanIdOf(requestId).slice(0, 8), 16) < ratio * 0x1_0000_0000;
}
