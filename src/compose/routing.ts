import type { Catalog } from '../catalog/catalog.ts';
import { createPlans } from '../config/plans.ts';
import type { Target } from '../config/resolve.ts';
import type { Config } from '../config/schema.ts';
import { apis } from '../core/api.ts';
import type { Call } from '../core/call.ts';
import type { Deployment, Plan } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { Scope } from '../core/pipeline.ts';
import { embeddingTranslatorOf } from '../protocols/translate/embeddings/translators.ts';
import { isTranslated } from '../protocols/translate/translators.ts';
import { aliasNames } from '../routes/aliases.ts';
import type { Permit } from './keys.ts';

export interface Routing {
  /** Without a scope, whatever its key is for. @throws {GatewayError} `model_not_found`, `forbidden` */
  readonly planOf: (call: Call, scope?: Scope) => Plan;
  /** Where an attempt goes, by name and in full. */
  readonly deploymentOf: (call: Call, scope: Scope) => Deployment;
  readonly find: (call: Call, scope: Scope) => Target;
}

/** Where calls go, by the names they give. */
export function routingOf(config: Config, catalog: Catalog, permit: Permit = (plan) => plan): Routing {
  const plans = createPlans(config, catalog);
  const aliases = aliasNames(config.aliases);
  const planOf: Routing['planOf'] = (call, scope) => {
    const planning = plans.planOf(aliases.get(call.model)?.model ?? call.model, apis[call.api].family, crosses(call));
    if (!planning.plan) throw new GatewayError('model_not_found', planning.reason, { param: 'model' });
    return scope?.key === undefined ? planning.plan : permit(planning.plan, call, scope);
  };
  const deploymentOf = (call: Call, scope: Scope): Deployment => scope.deployment ?? planOf(call, scope).targets[0]!;
  return { planOf, deploymentOf, find: lastKept((call, scope) => plans.targetOf(deploymentOf(call, scope))) };
}

/** Whether providers of other families may serve a call. */
const crosses = ({ api }: Call): boolean => isTranslated(api) || embeddingTranslatorOf(api) !== undefined;

/** The same, but the last answer is kept: the stages ask one after the other for the same call. */
function lastKept<T>(find: (call: Call, scope: Scope) => T): (call: Call, scope: Scope) => T {
  let call: Call | undefined;
  let deployment: Deployment | undefined;
  let answer: T;
  return (askedCall, scope) => {
    if (askedCall === call && scope.deployment === deployment) return answer;
    answer = find(askedCall, scope);
    call = askedCall;
    deployment = scope.deployment;
    return answer;
  };
}
