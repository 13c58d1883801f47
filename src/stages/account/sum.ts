import type { Attempt, Cost, ExtraCost, PriceStatus } from '../../core/record.ts';
import { totalInput, type Bucket, type Buckets, type NanoUsd, type UsageSource } from '../../core/usage.ts';

export interface Sum {
  readonly buckets: Buckets;
  readonly source: UsageSource | undefined;
  readonly flags: readonly string[];
  readonly cost: Cost;
  /** Of the last attempt that used anything: whose prompt the parts describe. */
  readonly totalInput: number | null;
}

/** Everything a request used and cost, over all its attempts. */
export function summed(attempts: readonly Attempt[]): Sum {
  if (attempts.length === 1) return ofOne(attempts[0]!);
  const used = attempts.filter(({ usage }) => usage !== undefined);
  const last = used.at(-1)?.usage;
  return {
    buckets: used.map(({ usage }) => usage!.buckets).reduce(plus, {}),
    source: worst(used.map(({ usage }) => usage!.source)),
    flags: [...new Set(attempts.flatMap(flagsOf))],
    cost: attempts.map(({ cost }) => cost).reduce(costPlus, none),
    totalInput: last ? totalInput(last.buckets) : 0,
  };
}

/** The attempt that answered: the last, but for one that only ran beside it. */
export const answering = (attempts: readonly Attempt[]): Attempt | undefined =>
  attempts.length > 1 ? (attempts.findLast(({ hedge }) => hedge !== 'lost') ?? attempts.at(-1)) : attempts[0];

/** What the attempts beside the one that answered cost. */
export function extraCost(attempts: readonly Attempt[]): ExtraCost {
  const answer = answering(attempts);
  const others = attempts.filter((attempt) => attempt !== answer);
  const cost = (isHedge: boolean): NanoUsd | null =>
    others
      .filter(({ hedge }) => (hedge === 'lost') === isHedge)
      .reduce((sum: number | null, attempt) => add(sum, attempt.cost.total), 0) as NanoUsd | null;
  return { retries: cost(false), hedges: cost(true) };
}

function ofOne(attempt: Attempt): Sum {
  const { usage, cost } = attempt;
  return {
    buckets: usage?.buckets ?? {},
    source: usage?.source,
    flags: flagsOf(attempt),
    cost,
    totalInput: usage ? totalInput(usage.buckets) : 0,
  };
}

const flagsOf = ({ usage, cost }: Attempt): readonly string[] => (usage ? [...usage.flags, ...cost.flags] : cost.flags);

const none: Cost = { total: 0 as NanoUsd, byBucket: {}, status: 'none', flags: [] };

/** An unknown part makes the whole unknown. */
const add = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

function plus(a: Buckets, b: Buckets): Buckets {
  const sum: { [B in Bucket]?: number | null } = { ...a };
  for (const [name, count] of Object.entries(b) as [Bucket, number | null][]) sum[name] = add(sum[name] ?? (name in sum ? null : 0), count);
  return sum;
}

const severity: readonly PriceStatus[] = ['none', 'free', 'exact', 'fallback_rate', 'unmetered', 'unpriced'];

function costPlus(a: Cost, b: Cost): Cost {
  const version = b.priceVersion ?? a.priceVersion;
  const byBucket: { [B in Bucket]?: NanoUsd } = { ...a.byBucket };
  for (const [name, cost] of Object.entries(b.byBucket) as [Bucket, NanoUsd][]) byBucket[name] = ((byBucket[name] ?? 0) + cost) as NanoUsd;
  return {
    total: add(a.total, b.total) as NanoUsd | null,
    byBucket,
    status: severity[Math.max(severity.indexOf(a.status), severity.indexOf(b.status))]!,
    flags: [...new Set([...a.flags, ...b.flags])],
    ...(version !== undefined && { priceVersion: version }),
  };
}

const certainty: readonly UsageSource[] = ['provider', 'cache', 'partial', 'estimated'];

function worst(sources: readonly UsageSource[]): UsageSource | undefined {
  return sources.length === 0 ? undefined : certainty[Math.max(...sources.map((source) => certainty.indexOf(source)))];
}
