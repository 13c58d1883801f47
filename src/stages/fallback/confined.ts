import { confinedMessage, isWithin, type Confinement } from '../../core/confinement.ts';
import type { Deployment, Plan } from '../../core/deployment.ts';
import { GatewayError } from '../../core/errors.ts';

/** The places of a plan that a confined call may go to; its fallbacks serve where no target may. @throws {GatewayError} `no_local_provider` */
export function confinedPlan(plan: Plan, confinement: Confinement): Plan {
  const allowed = (deployments: readonly Deployment[]): readonly Deployment[] =>
    deployments.filter(({ provider, hosting }) => isWithin(confinement, { provider, hosting }));
  const targets = allowed(plan.targets);
  const fallbacks = allowed(plan.fallbacks);
  const first = targets.length > 0 ? targets : fallbacks.slice(0, 1);
  if (first.length === 0) throw new GatewayError('no_local_provider', confinedMessage(confinement), { param: 'model' });
  return {
    ...plan,
    targets: first,
    fallbacks: targets.length > 0 ? fallbacks : fallbacks.slice(1),
    onContextOverflow: allowed(plan.onContextOverflow),
    onContentFilter: allowed(plan.onContentFilter),
  };
}
