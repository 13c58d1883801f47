import { usedOf } from '../../allowance/amounts.ts';
import type { Bound } from '../../allowance/bound.ts';
import { withOutputCap } from '../../allowance/output-cap.ts';
import type { Hold, Lack } from '../../allowance/spender.ts';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import type { Annotations, CallRecord } from '../../core/record.ts';
import type { Reply } from '../../core/reply.ts';
import { chargesOf, rulesFor, type Charge } from './charges.ts';
import type { BudgetOptions, BudgetRule } from './options.ts';
import { refusal } from './refusal.ts';
import { BudgetWatch } from './watch.ts';

/** Reserves the most a call can cost before it is made, and books what it did cost when it is recorded. Without room it is refused, made cheaper, or waits. */
export function budget(options: BudgetOptions): Stage {
  const watch = new BudgetWatch(options.thresholds, options.notify);
  const { now = Date.now } = options;
  return {
    name: 'budget',
    kind: 'guard',
    wrap: (next) => (call, scope) => {
      const rules = rulesFor(options, scope);
      if (rules.length === 0 && options.contexts.length === 0) return next(call, scope);
      const asking: Asking = { options, watch, next, rules, scope, nowMs: now() };
      const plan = planOf(asking, call);
      if (plan.over) return asked(asking, plan);
      if (plan.charges.length === 0) return next(call, scope);
      const hold = options.spender.reserveNow(plan.charges);
      return hold ? admitted(asking, plan, hold) : asked(asking, plan);
    },
  };
}

interface Asking {
  readonly options: BudgetOptions;
  readonly watch: BudgetWatch;
  readonly next: Handler;
  readonly rules: readonly BudgetRule[];
  readonly scope: Scope;
  readonly nowMs: number;
}

/** A call, and what it may take from each budget. */
interface Plan {
  readonly call: Call;
  readonly bound: Bound;
  readonly charges: readonly Charge[];
  /** Of budgets for each call by itself: the first that it passes. */
  readonly over: Charge | undefined;
}

/** @throws {GatewayError} when a context budget or a missing price forbids the call */
function planOf({ options, rules, scope, nowMs }: Asking, call: Call): Plan {
  const bound = options.boundOf(call, scope, nowMs);
  checkContext(options, call, scope, bound);
  const all = chargesOf(options, rules, call, scope, bound, nowMs);
  if (!all.some(({ rule }) => rule.isPerCall)) return { call, bound, over: undefined, charges: all };
  const over = all.find(({ rule, amount }) => rule.isPerCall && amount > rule.limit && rule.action.kind !== 'notify');
  return { call, bound, over, charges: all.filter(({ rule }) => !rule.isPerCall) };
}

/** The words agents know, so that they shorten the conversation. */
function checkContext({ contexts }: BudgetOptions, call: Call, { labels, key }: Scope, { estimatedInput }: Bound): void {
  if (contexts.length === 0) return;
  const who = { labels, key, model: call.model };
  const broken = contexts.find(({ matches, maxInputTokens }) => estimatedInput > maxInputTokens && matches(who));
  if (!broken) return;
  const { name, maxInputTokens } = broken;
  throw new GatewayError(
    'context_length_exceeded',
    `prompt is too long: about ${estimatedInput} tokens > ${maxInputTokens} maximum, by the context budget "${name}"`,
  );
}

function admitted({ options, watch, next, scope, nowMs }: Asking, { call, bound, charges }: Plan, hold: Hold): Promise<Reply> {
  scope.atRecord.push((record) => {
    const used = charges.map((charge) => usedBy(options, charge, record));
    hold.settle(used);
    scope.annotations.booked = bookedBy(options.owner, charges, used);
    for (const [index, charge] of charges.entries())
      watch.settled(charge, options.spender.balance(charge.account), used[index]!, nowMs + record.durationMs);
  });
  return next(options.capsOutput && !bound.isCapped ? withOutputCap(call, bound.answerTokens) : call, scope);
}

/** Kept with the record, so that what a process spent and could not say can be told from its ledger. */
const bookedBy = (owner: string, charges: readonly Charge[], used: readonly number[]): NonNullable<Annotations['booked']> => ({
  owner,
  spent: Object.fromEntries(
    charges.map(({ account: { id, endsAt } }, index) => [id, endsAt === undefined ? [used[index]!] : [used[index]!, endsAt]] as const),
  ),
});

/** What nobody knows counts as what was reserved. */
function usedBy({ unpricedRate }: BudgetOptions, { rule, amount }: Charge, record: CallRecord): number {
  const used = usedOf(rule.unit, record);
  if (used !== null) return used;
  const tokens = unpricedRate === undefined || rule.unit !== 'usd' ? null : usedOf('tokens', record);
  return tokens === null ? amount : Math.ceil(tokens * unpricedRate!);
}

/** A call is made cheaper this often at most. */
const maxDowngrades = 4;

/** The slow way: the store is asked, and where there is no room the budget says what to do. */
async function asked(asking: Asking, first: Plan): Promise<Reply> {
  const { options, scope, nowMs } = asking;
  let plan = first;
  for (let downgrades = 0; ; downgrades += 1) {
    const lacking = plan.over ? overOf(plan.over) : undefined;
    const decision = lacking ?? (await options.spender.reserve(plan.charges));
    if (decision.hold) return admitted(asking, plan, decision.hold);
    const { lack } = decision;
    const charge = plan.over ?? plan.charges[lack.index]!;
    const { action } = charge.rule;
    if (action.kind === 'downgrade' && lack.reason === 'no room' && downgrades < maxDowngrades && plan.call.model !== action.model) {
      plan = planOf(asking, plan.call.with({ model: action.model }));
      scope.replyHeaders.push('x-modicum-budget', `${charge.rule.name}; downgraded to ${encodeURI(action.model)}`);
      (scope.annotations.signals ??= []).push(`budget:downgraded:${charge.rule.name}`);
      continue;
    }
    if (action.kind === 'defer' && !plan.over && lack.reason === 'no room') return deferred(asking, plan, charge, lack, action.patience);
    asking.watch.refused(charge, lack.balance);
    throw refusal(charge, lack, plan.bound, plan.call, nowMs);
  }
}

const overOf = ({ rule: { limit } }: Charge): { readonly hold?: undefined; readonly lack: Lack } => ({
  lack: { index: 0, reason: 'no room', balance: { limit, spent: 0, held: 0 } },
});

type Defer = Extract<BudgetRule['action'], { readonly kind: 'defer' }>;

async function deferred(asking: Asking, plan: Plan, charge: Charge, lack: Lack, patience: Defer['patience']): Promise<Reply> {
  const { options, scope, nowMs, watch } = asking;
  const waited = await options.waiting.wait(charge.account.id, options.spender, plan.charges, lack, patience, scope.client);
  if ('hold' in waited && waited.hold) return admitted(asking, plan, waited.hold);
  const last = 'full' in waited ? waited.full : waited.lack;
  const blamed = plan.charges[last.index] ?? charge;
  watch.refused(blamed, last.balance);
  throw refusal(blamed, last, plan.bound, plan.call, nowMs);
}
