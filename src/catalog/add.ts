import type { Cost, PriceStatus } from '../core/record.ts';
import type { Bucket, NanoUsd } from '../core/usage.ts';
import { noCost } from './price.ts';

/** From what is sure to what is not; a sum is as unsure as its worst part. */
const severity: readonly PriceStatus[] = ['none', 'free', 'exact', 'fallback_rate', 'unmetered', 'unpriced'];

/** An unknown part makes the whole unknown. */
export const addKnown = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** What several things cost together. The price version is that of the first that has one. */
export const addCosts = (costs: readonly Cost[]): Cost => costs.reduce(plus, noCost);

function plus(a: Cost, b: Cost): Cost {
  const version = a.priceVersion ?? b.priceVersion;
  const byBucket: { [B in Bucket]?: NanoUsd } = { ...a.byBucket };
  for (const [name, cost] of Object.entries(b.byBucket) as [Bucket, NanoUsd][]) byBucket[name] = ((byBucket[name] ?? 0) + cost) as NanoUsd;
  return {
    total: addKnown(a.total, b.total) as NanoUsd | null,
    byBucket,
    status: severity[Math.max(severity.indexOf(a.status), severity.indexOf(b.status))]!,
    flags: [...new Set([...a.flags, ...b.flags])],
    ...(version !== undefined && { priceVersion: version }),
  };
}
