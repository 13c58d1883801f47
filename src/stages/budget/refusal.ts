import { shown } from '../../allowance/amounts.ts';
import type { Bound } from '../../allowance/bound.ts';
import type { Lack } from '../../allowance/spender.ts';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Charge } from './charges.ts';

/** Held by calls under way, some of it comes back soon. */
const soonSeconds = 1;
/** A client that sleeps longer than this is no client any more. */
const maxRetrySeconds = 7 * 24 * 3600;

/**
 * Says no, which budget it was, how it stands and when it has room again. 429 while calls under way hold what would be enough: that is worth
 * a repetition. 402 when the budget is spent: no vendor's SDK repeats it.
 */
export function refusal({ rule, found, amount }: Charge, { reason, balance }: Lack, bound: Bound, call: Call, nowMs: number): GatewayError {
  const name = `the budget "${rule.name}"${found.subject === 'all' ? '' : ` of ${found.subject}`}`;
  if (reason === 'away')
    return new GatewayError('state_unavailable', `${name} cannot be asked just now: its store is away`, { headers: ['retry-after', '2'] });
  const { limit, spent, held } = balance;
  const need = `this call may use up to ${shown(rule.unit, amount)} (${described(call, bound)})`;
  if (amount > limit)
    return new GatewayError('budget_exceeded', `${name} is ${shown(rule.unit, limit)} in all, and ${need}; ${advice(bound)}`);
  const state = `${shown(rule.unit, spent)} of ${shown(rule.unit, limit)} spent`;
  if (limit - spent >= amount)
    return new GatewayError(
      'rate_limited',
      `${name} has no room while other calls are under way: ${state}, ${shown(rule.unit, held)} held by them, and ${need}`,
      { headers: ['retry-after', String(soonSeconds)] },
    );
  const { turnsAt } = found.window;
  const retrySeconds = turnsAt === undefined ? undefined : Math.max(1, Math.ceil((turnsAt - nowMs) / 1000));
  return new GatewayError('budget_exceeded', `${name} has no room: ${state}, and ${need}; ${reset(turnsAt)}`, {
    headers: retrySeconds === undefined || retrySeconds > maxRetrySeconds ? [] : ['retry-after', String(retrySeconds)],
  });
}

const described = (call: Call, { inputTokens, outputTokens }: Bound): string =>
  `${call.model}: ${inputTokens.toLocaleString('en-US')} tokens in, ${outputTokens.toLocaleString('en-US')} out`;

const advice = ({ isCapped }: Bound): string =>
  isCapped ? 'a lower limit of output tokens makes it smaller' : 'the call does not limit its output tokens; with a limit it may fit';

const reset = (turnsAt: number | undefined): string =>
  turnsAt === undefined ? 'it does not reset by itself' : `it resets at ${new Date(turnsAt).toISOString().replace('.000Z', 'Z')}`;

/** A budget in money cannot hold for a model without a price. */
export const unpriced = ({ name }: Charge['rule'], call: Call): GatewayError =>
  new GatewayError(
    'unpriced_model',
    `the price of the model "${call.model}" is not known, so that the budget "${name}" cannot be kept: give it one in models.${call.model}.prices, or set allowances.unpricedUsdPerMillionTokens`,
    { param: 'model' },
  );
