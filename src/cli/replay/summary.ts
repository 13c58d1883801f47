import type { Buckets, Bucket } from '../../core/usage.ts';
import type { Sent } from './send.ts';

/** What a replay came to, as its client saw it. */
export interface Summary {
  conversations: number;
  calls: number;
  failed: number;
  /** Answers too long to tell the emulator, which then made up its own. */
  unscripted: number;
  /** Replies that told no usage. */
  withoutUsage: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
}

export const emptySummary = (): Summary => ({
  conversations: 0,
  calls: 0,
  failed: 0,
  unscripted: 0,
  withoutUsage: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

const fields = [
  ['inputTokens', /^input/],
  ['cacheReadTokens', /^cacheRead/],
  ['cacheWriteTokens', /^cacheWrite/],
  ['outputTokens', /^output/],
  ['reasoningTokens', /^reasoning$/],
] as const;

export function addSent(summary: Summary, { ok, buckets }: Sent): void {
  summary.calls += 1;
  if (!ok) summary.failed += 1;
  if (ok && Object.keys(buckets).length === 0) summary.withoutUsage += 1;
  for (const [field, pattern] of fields) summary[field] += sumOf(buckets, pattern);
}

const sumOf = (buckets: Buckets, pattern: RegExp): number =>
  (Object.entries(buckets) as readonly (readonly [Bucket, number | null])[]).reduce(
    (sum, [bucket, count]) => (pattern.test(bucket) ? sum + (count ?? 0) : sum),
    0,
  );
