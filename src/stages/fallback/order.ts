import type { Deployment, Plan } from '../../core/deployment.ts';

/** What choosing needs to know of a deployment now. */
export interface Load {
  readonly latencyMs: number;
  readonly inFlight: number;
}

interface Choosing {
  readonly loadOf: (deployment: Deployment) => Load;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** The target to ask before the one that would be first, if any. */
  readonly preferred?: ((first: Deployment, targets: readonly Deployment[]) => Deployment | undefined) | undefined;
}

/** A preferred target may keep callers waiting so many times as long as the one that would be first. */
const patience = 2;

/** The targets of a plan in the order in which to ask them. */
export function inOrder(plan: Pick<Plan, 'targets' | 'balance'>, choosing: Choosing): readonly Deployment[] {
  const ordered = balanced(plan, choosing);
  const first = ordered[0]!;
  const preferred = choosing.preferred?.(first, plan.targets);
  if (!preferred || preferred === first) return ordered;
  const isSlow = plan.balance === 'latency' && waitOf(choosing.loadOf(preferred)) > patience * waitOf(choosing.loadOf(first));
  return isSlow ? ordered : [preferred, ...ordered.filter((target) => target !== preferred)];
}

function balanced({ targets, balance }: Pick<Plan, 'targets' | 'balance'>, choosing: Choosing): readonly Deployment[] {
  if (targets.length === 1) return targets;
  switch (balance) {
    case 'weight':
      return byWeight(targets, choosing.random);
    case 'cost':
      return targets.toSorted((a, b) => byPrice(a, b) || choosing.loadOf(a).inFlight - choosing.loadOf(b).inFlight);
    case 'latency':
      return byLatency(targets, choosing);
    default:
      return targets;
  }
}

/** Unknown prices come last. */
const byPrice = ({ price: a = Infinity }: Deployment, { price: b = Infinity }: Deployment): number => (a === b ? 0 : a - b);

/** A random order in which each stands first as often as its weight says (Efraimidis and Spirakis); weight 0 comes last. */
function byWeight(targets: readonly Deployment[], random: () => number): readonly Deployment[] {
  const drawn = targets.map((target) => ({ target, key: target.weight === 0 ? -1 : random() ** (1 / target.weight) }));
  return drawn.toSorted((a, b) => b.key - a.key).map(({ target }) => target);
}

/** Power of two choices: the better of two drawn at random, so that not every call runs to the same place; then the rest, best first. */
function byLatency(targets: readonly Deployment[], { loadOf, random }: Choosing): readonly Deployment[] {
  const sorted = targets.toSorted((a, b) => byScore(loadOf(a), loadOf(b)));
  const one = Math.floor(random() * sorted.length);
  const step = 1 + Math.floor(random() * (sorted.length - 1));
  const [first] = sorted.splice(Math.min(one, (one + step) % sorted.length), 1);
  return [first!, ...sorted];
}

/** Expected wait: latency times the calls that would be there. */
const waitOf = ({ latencyMs, inFlight }: Load): number => latencyMs * (inFlight + 1);
/** Of equal ones, the less loaded. */
const byScore = (a: Load, b: Load): number => waitOf(a) - waitOf(b) || a.inFlight - b.inFlight;
