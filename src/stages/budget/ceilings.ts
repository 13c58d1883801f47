import { ruleOf } from '../../allowance/rule.ts';
import { scaledInteger } from '../../catalog/decimal.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Labels } from '../../core/record.ts';
import type { BudgetRule, Ceiling, RunPolicy } from './options.ts';

/** How long a run is remembered after its last call. */
const runMs = 30 * 24 * 3600 * 1000;

/** The budget a client sets for its own task, else session, never above the policy. @throws {GatewayError} `invalid_request` */
export function ceilingRules({ usd, tokens }: Ceiling, labels: Labels, policy: RunPolicy): readonly BudgetRule[] {
  if (!policy.isEnabled) throw invalid('budgets by header are switched off here (allowances.runs.enabled)');
  const dimension = labels.task !== undefined ? 'task' : 'session';
  if (labels[dimension] === undefined)
    throw invalid('a budget by header needs the task or session it is for: x-modicum-task or x-modicum-session');
  const money = usd === undefined ? undefined : amount('usd', usd, 9);
  const count = tokens === undefined ? undefined : amount('tokens', tokens, 0);
  return [
    ...(money === undefined ? [] : [ruleFor('usd', dimension, Math.min(money, policy.maxNanoUsd ?? Infinity))]),
    ...(count === undefined ? [] : [ruleFor('tokens', dimension, Math.min(count, policy.maxTokens ?? Infinity))]),
  ];
}

function amount(unit: string, text: string, exponent: number): number {
  try {
    return scaledInteger(text, exponent);
  } catch (cause) {
    throw new GatewayError('invalid_request', `x-modicum-budget-${unit} must be a number of 0 or more, such as "0.50"`, { cause });
  }
}

const invalid = (message: string): GatewayError => new GatewayError('invalid_request', message);

function ruleFor(unit: BudgetRule['unit'], dimension: 'task' | 'session', limit: number): BudgetRule {
  const name = `run-${unit}`;
  const match = { [dimension]: '*' };
  const { find, windowAt } = ruleOf({ prefix: `budget/${name}`, match, limit, window: 'total' });
  return {
    name,
    unit,
    limit,
    match,
    isPerCall: false,
    action: { kind: 'refuse' },
    counters: {
      windowAt,
      find: (who, nowMs) => {
        const found = find(who, nowMs);
        return found && { ...found, account: { ...found.account, endsAt: nowMs + runMs } };
      },
    },
  };
}
