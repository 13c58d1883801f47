import { mostOf } from '../../allowance/amounts.ts';
import type { Bound } from '../../allowance/bound.ts';
import type { Found } from '../../allowance/rule.ts';
import type { Want } from '../../allowance/spender.ts';
import type { Who } from '../../allowance/subject.ts';
import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';
import { ceilingRules } from './ceilings.ts';
import type { BudgetOptions, BudgetRule } from './options.ts';
import { unpriced } from './refusal.ts';

/** What a call may take from one budget. */
export interface Charge extends Want {
  readonly rule: BudgetRule;
  readonly found: Found;
}

const none: readonly BudgetRule[] = [];

/** All budgets that may be for a call: of the configuration, of its key, of its task or session. @throws {GatewayError} for a ceiling that cannot be */
export function rulesFor(options: BudgetOptions, scope: Scope): readonly BudgetRule[] {
  const own = scope.key === undefined ? none : (options.rulesOfKey?.(scope.key) ?? none);
  const run = scope.ceiling ? ceilingRules(scope.ceiling, scope.labels, options.runs) : none;
  const rules = options.rules();
  return own.length + run.length === 0 ? rules : [...rules, ...own, ...run];
}

/** @throws {GatewayError} `unpriced_model` */
export function chargesOf(
  options: BudgetOptions,
  rules: readonly BudgetRule[],
  call: Call,
  scope: Scope,
  bound: Bound,
  nowMs: number,
): Charge[] {
  const who: Who = { labels: scope.labels, key: scope.key, model: call.model };
  const charges: Charge[] = [];
  for (const rule of rules) {
    const found = rule.counters.find(who, nowMs);
    if (found) charges.push({ rule, found, account: found.account, amount: amountOf(options, rule, call, bound) });
  }
  return charges;
}

function amountOf({ unpricedRate }: BudgetOptions, rule: BudgetRule, call: Call, bound: Bound): number {
  const most = mostOf(rule.unit, bound);
  if (most !== null) return most;
  if (unpricedRate !== undefined) return Math.ceil((bound.inputTokens + bound.outputTokens) * unpricedRate);
  if (rule.action.kind === 'notify') return 0;
  throw unpriced(rule, call);
}
