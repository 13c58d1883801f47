import { addCosts, addKnown } from '../../catalog/add.ts';
import type { Attempt, Cost, ExtraCost } from '../../core/record.ts';
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
    cost: addCosts(attempts.map(({ cost }) => cost)),
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
      .reduce((sum: number | null, attempt) => addKnown(sum, attempt.cost.total), 0) as NanoUsd | null;
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

function plus(a: Buckets, b: Buckets): Buckets {
  const sum: { [B in Bucket]?: number | null } = { ...a };
  for (const [name, count] of Object.entries(b) as [Bucket, number | null][])
    sum[name] = addKnown(sum[name] ?? (name in sum ? null : 0), count);
  return sum;
}

const certainty: readonly UsageSource[] = ['provider', 'cache', 'partial', 'estimated'];

function worst(sources: readonly UsageSource[]): UsageSource | undefined {
  return sources.length === 0 ? undefined : certainty[Math.max(...sources.map((source) => certainty.indexOf(source)))];
}
