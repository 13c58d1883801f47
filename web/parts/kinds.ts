import type { Measure } from '../../src/analytics/query.ts';
import type { Buckets } from '../../src/core/usage.ts';
import { count } from '../format/count.ts';

/** The five kinds of tokens: the same order and colours everywhere. They do not overlap. */
export const kinds = [
  { id: 'input', name: 'Fresh input', color: 'var(--kind-input)', tokens: 'inputTokens', cost: 'inputCostUsd' },
  { id: 'cacheRead', name: 'Cache read', color: 'var(--kind-cache-read)', tokens: 'cacheReadTokens', cost: 'cacheReadCostUsd' },
  { id: 'cacheWrite', name: 'Cache write', color: 'var(--kind-cache-write)', tokens: 'cacheWriteTokens', cost: 'cacheWriteCostUsd' },
  { id: 'reasoning', name: 'Reasoning', color: 'var(--kind-reasoning)', tokens: 'reasoningTokens', cost: 'reasoningCostUsd' },
  { id: 'output', name: 'Output', color: 'var(--kind-output)', tokens: 'outputTokens', cost: 'outputCostUsd' },
] as const satisfies readonly { readonly tokens: Measure; readonly cost: Measure; readonly [key: string]: string }[];

export type Kind = (typeof kinds)[number]['id'];
export type ByKind = { readonly [K in Kind]: number };

/** A record's buckets by kind. What is unknown counts as nothing here; the record's marks say so. */
export function byKind(buckets: Buckets): ByKind {
  const sums = { input: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, output: 0 };
  for (const [bucket, amount] of Object.entries(buckets)) {
    const kind = kindOf(bucket);
    if (kind) sums[kind] += amount ?? 0;
  }
  return sums;
}

function kindOf(bucket: string): Kind | undefined {
  if (bucket.startsWith('cacheRead')) return 'cacheRead';
  if (bucket.startsWith('cacheWrite')) return 'cacheWrite';
  return (['input', 'reasoning', 'output'] as const).find((kind) => bucket.startsWith(kind));
}

export const sumOf = (tokens: ByKind): number => kinds.reduce((sum, { id }) => sum + tokens[id], 0);
export const inputOf = ({ input, cacheRead, cacheWrite }: ByKind): number => input + cacheRead + cacheWrite;

/** In words, for who does not see the bar. */
export const kindsText = (tokens: ByKind): string => kinds.map(({ id, name }) => `${name.toLowerCase()} ${count(tokens[id])}`).join(', ');
