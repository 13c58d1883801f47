import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';
import { GatewayError } from '../../core/errors.ts';
import { directivesOf, type Directives } from './directives.ts';
import { replyKey } from './key.ts';
import { isAnswered, isDeterministic, isRepeatable } from './repeatable.ts';
import type { ExactCacheOptions, KeepPolicy } from './settings.ts';

/** What the cache does for one call. */
export interface Plan {
  readonly saving: 'exact-cache' | 'step-reuse';
  readonly mode: 'observe' | 'on';
  readonly policy: KeepPolicy;
  readonly key: string;
  readonly directives: Directives;
}

/** `bypass`: the cache is on for such calls, but not for this one. `undefined`: it has nothing to do with it. */
export function planOf(options: ExactCacheOptions, call: Call, scope: Scope): Plan | 'bypass' | undefined {
  if (!isAnswered(call)) return undefined;
  const exact = chosen('exact-cache', () => options.exactOf(call, scope), options, call, scope);
  const memo = scope.labels[options.steps.per];
  const step = memo === undefined ? undefined : chosen('step-reuse', () => options.steps, options, call, scope);
  if (!exact && !step) return undefined;
  const directives = directivesOf(scope);
  const isBinding = exact?.mode === 'on' || step?.mode === 'on';
  if (directives.isOff || !isRepeatable(call)) return refusing(directives, isBinding);
  const isExact = exact && (directives.isWanted || !exact.policy.deterministicOnly || isDeterministic(call));
  const taken = isExact ? exact : step;
  if (!taken) return refusing(directives, isBinding);
  const { revision } = options;
  const { isolation } = taken.policy;
  const knowledge = scope.replyCache?.knowledge ?? options.knowledge;
  const key = replyKey(call, scope, { isolation, revision, knowledge, memo: isExact ? '' : `${options.steps.per}:${memo}` });
  return { saving: taken.saving, mode: taken.mode, policy: taken.policy, key, directives };
}

interface Chosen<P> extends Pick<Plan, 'saving' | 'mode'> {
  readonly policy: P;
}

function chosen<P extends KeepPolicy>(
  saving: Plan['saving'],
  policyOf: () => P,
  { modeOf }: ExactCacheOptions,
  call: Call,
  scope: Scope,
): Chosen<P> | undefined {
  const mode = modeOf(saving, call, scope);
  return mode === 'off' ? undefined : { saving, mode, policy: policyOf() };
}

/** The answer to `only-if-cached` where nothing is kept. */
export const notCached = (): GatewayError =>
  new GatewayError('not_cached', 'no kept reply answers this call, and it asks for nothing else (cache-control: only-if-cached)');

const refusing = ({ isOnlyCached }: Directives, isBinding: boolean): 'bypass' => {
  if (isOnlyCached && isBinding) throw notCached();
  return 'bypass';
};
