import type { CallRecord } from '../../src/core/record.ts';
import type { PromptSegment } from '../../src/server/dashboard/prompt.ts';
import { byKind, type ByKind } from '../parts/kinds.ts';

export interface MapSegment extends PromptSegment {
  /** Place on the strip, in tokens. */
  readonly from: number;
  /** Nano-USD; `null`: unknown. */
  readonly cost: number | null;
  /** Tokens of it that were read from the cache, written to it, and fresh. */
  readonly read: number;
  readonly written: number;
  readonly fresh: number;
}

export interface TokenMap {
  readonly segments: readonly MapSegment[];
  readonly total: number;
  readonly tokens: ByKind;
}

/**
 * Lays the cache's tokens over the prompt: a prompt cache holds beginnings, so what was read comes first, then what was written, and the
 * rest is fresh. Each segment costs what its tokens of each kind cost.
 */
export function tokenMap(call: CallRecord, segments: readonly PromptSegment[]): TokenMap {
  const tokens = byKind(call.buckets);
  const costs = costByKind(call);
  const [readTo, writtenTo] = [tokens.cacheRead, tokens.cacheRead + tokens.cacheWrite];
  let from = 0;
  const laid = segments.map((segment): MapSegment => {
    const to = from + segment.tokens;
    const read = overlap(from, to, 0, readTo);
    const written = overlap(from, to, readTo, writtenTo);
    const fresh = segment.tokens - read - written;
    const cost = costOf([
      [read, tokens.cacheRead, costs?.cacheRead],
      [written, tokens.cacheWrite, costs?.cacheWrite],
      [fresh, tokens.input, costs?.input],
    ]);
    const placed = { ...segment, from, read, written, fresh, cost };
    from = to;
    return placed;
  });
  return { segments: laid, total: from, tokens };
}

const overlap = (from: number, to: number, start: number, end: number): number => Math.max(0, Math.min(to, end) - Math.max(from, start));

/** Nano-USD of all attempts by kind; `undefined` when the cost is unknown. */
function costByKind({ cost }: CallRecord): ByKind | undefined {
  return cost.total === null ? undefined : byKind(cost.byBucket);
}

function costOf(shares: readonly (readonly [tokens: number, of: number, cost: number | undefined])[]): number | null {
  let sum = 0;
  for (const [tokens, of, cost] of shares) {
    if (tokens <= 0 || of <= 0) continue;
    if (cost === undefined) return null;
    sum += (cost * tokens) / of;
  }
  return sum;
}
