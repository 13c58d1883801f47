import type { CacheFactors } from '../../catalog/cache-rules.ts';
import type { CallRecord, Saving } from '../../core/record.ts';
import { totalInput, type Buckets, type NanoUsd } from '../../core/usage.ts';
import type { Split } from './plan.ts';

/** A call's input in tokens of plain input: as it was paid, and as the client alone would have paid. */
export interface Settled {
  readonly paid: number;
  readonly alone: number;
}

const writes = {
  cacheWrite: undefined,
  cacheWrite5m: '5m',
  cacheWrite30m: '30m',
  cacheWrite1h: '1h',
  cacheWrite12h: '12h',
} as const satisfies { readonly [B in keyof Buckets]?: string | undefined };

/** What a split of `total` tokens costs, in tokens of plain input. */
export const costOf = (total: number, { read, written }: Split, { read: readFactor }: CacheFactors, writeFactor: number): number =>
  total - (1 - readFactor) * read + (writeFactor - 1) * written;

/** By the usage the provider told; `undefined` where it told none. */
export function settledBy(buckets: Buckets, factors: CacheFactors, alone: Split, scale: number): Settled | undefined {
  const total = totalInput(buckets);
  if (total === null || total === 0) return undefined;
  const shortest = Object.values(factors.write)[0] ?? 1;
  let paid = total - (1 - factors.read) * (buckets.cacheRead ?? 0);
  for (const [bucket, ttl] of Object.entries(writes))
    paid += ((ttl === undefined ? shortest : (factors.write[ttl] ?? shortest)) - 1) * (buckets[bucket as keyof typeof writes] ?? 0);
  const told = { read: Math.min(total, alone.read * scale), written: Math.min(total, alone.written * scale) };
  return { paid, alone: costOf(total, told, factors, shortest) };
}

/** Usage of the attempt at a deployment, in the record of its request. */
export const usageAt = (
  { attempts }: CallRecord,
  { provider, model }: { readonly provider: string; readonly model: string },
): Buckets | undefined =>
  attempts.findLast((attempt) => attempt.provider === provider && attempt.requestModel === model && attempt.status !== undefined)?.usage
    ?.buckets;

/** As a saving: what the client alone would have paid less what was paid. */
export function savingOf(
  rule: string,
  { paid, alone }: Settled,
  { inputPico }: CacheFactors,
  basis: Saving['basis'],
): Omit<Saving, 'stage' | 'mode'> {
  return { rule, inputTokens: 0, outputTokens: 0, cost: Math.round(((alone - paid) * inputPico) / 1000) as NanoUsd, basis };
}
