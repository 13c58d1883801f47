import type { Call } from '../../core/call.ts';
import { isAlone, type Plan } from '../../core/deployment.ts';
import type { Scope, Stage } from '../../core/pipeline.ts';
import type { Outcome } from './attempt.ts';
import { confinedPlan } from './confined.ts';
import { runHedged } from './hedge.ts';
import { systemClock, type FallbackOptions } from './options.ts';
import { repeatAlone, run } from './run.ts';
import { failedHead, failedWithout } from './verdict.ts';

/**
 * Tries the places a call may go to, before the first byte has reached the client: then nothing is repeated any more. Retries and fallbacks
 * share one bound on attempts, one on attempts that may be billed, one deadline, and a budget over all calls.
 */
export function fallback(options: FallbackOptions): Stage {
  const { clock = systemClock, hedge } = options;
  return {
    name: 'fallback',
    kind: 'guard', // it answers for what a call may cost
    wrap: (next) => async (call, given) => {
      options.budget.earn();
      const plan = placesOf(options, call, given);
      const scope = given.confined ? { ...given, deployment: plan.targets[0]! } : given;
      if (!isAlone(plan)) {
        const running = { options, clock, plan, next, call, scope };
        return hedge ? runHedged(running, hedge) : run(running);
      }
      const deployment = plan.targets[0]!;
      let first: Outcome;
      try {
        const reply = await next(call, scope);
        const failure = reply.head.status < 400 ? undefined : failedHead(reply.head, deployment, clock.epochMs());
        if (!failure) return reply;
        first = { deployment, failure, reply };
      } catch (error) {
        const failure = failedWithout(error, clock.nowMs() - scope.startedMonotonicMs);
        if (!failure) throw error;
        first = { deployment, failure, error };
      }
      return repeatAlone({ options, clock, plan, next, call, scope }, first);
    },
  };
}

/** The places a call may go to. Where a guard has confined it, the only place left is named: it need not be the plan's first. */
function placesOf({ planOf }: FallbackOptions, call: Call, scope: Scope): Plan {
  const plan = planOf(call, scope);
  return scope.confined ? confinedPlan(plan, scope.confined) : plan;
}
