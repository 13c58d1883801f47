import type { Call } from '../../core/call.ts';
import type { Plan } from '../../core/deployment.ts';
import type { Scope, Stage } from '../../core/pipeline.ts';
import type { BreakerOptions } from './breaker.ts';
import { RetryBudget } from './budget.ts';
import { Health, type BreakerChange, type DeploymentState } from './health.ts';
import { HedgeCap } from './hedge-cap.ts';
import { fallback } from './index.ts';
import { systemClock, type Clock, type FallbackOptions, type Limits } from './options.ts';

/** The options of the configuration. */
export interface Resilience extends Limits {
  readonly budgetPercent: number;
  readonly budgetBurst: number;
  readonly peekFirstEvent: boolean;
  readonly breaker: BreakerOptions;
  readonly hedge: {
    readonly enabled: boolean;
    readonly percentile: number;
    readonly minSamples: number;
    readonly maxExtraCostShare: number;
  };
}

export interface FallbackParts {
  /** @throws {GatewayError} `model_not_found` */
  readonly planOf: (call: Call, scope: Scope) => Plan;
  /** A breaker opened, probes, or closed. */
  readonly breakerChanged?: (change: BreakerChange) => void;
  readonly clock?: Clock;
  readonly preferred?: FallbackOptions['preferred'];
}

export interface Fallback {
  readonly stage: Stage;
  /** Deployments that calls were chosen among, by id. */
  readonly states: () => Readonly<Record<string, DeploymentState>>;
}

/** The stage with all that it remembers between calls: health of the deployments, retry budget, what hedges have cost. */
export function createFallback(
  resilience: Resilience,
  { planOf, breakerChanged, clock = systemClock, preferred }: FallbackParts,
): Fallback {
  const { budgetPercent, budgetBurst, peekFirstEvent, breaker, hedge } = resilience;
  const health = new Health(breaker, breakerChanged);
  const stage = fallback({
    planOf,
    limits: resilience,
    health,
    budget: new RetryBudget({ percent: budgetPercent, burst: budgetBurst }),
    peeksFirstEvent: peekFirstEvent,
    clock,
    ...(preferred && { preferred }),
    ...(hedge.enabled && {
      hedge: { percentile: hedge.percentile, minSamples: hedge.minSamples, cap: new HedgeCap(hedge.maxExtraCostShare) },
    }),
  });
  return { stage, states: () => health.states(clock.nowMs()) };
}
