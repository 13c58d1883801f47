import type { Unit } from '../../allowance/amounts.ts';
import type { Bound, Bounded } from '../../allowance/bound.ts';
import type { Rule } from '../../allowance/rule.ts';
import type { Spender } from '../../allowance/spender.ts';
import type { Match, Who } from '../../allowance/subject.ts';
import type { Patience, WaitingRoom } from '../../allowance/waiting-room.ts';
import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';

/** What happens to a call a budget has no room for. */
export type BudgetAction =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'notify' }
  | { readonly kind: 'downgrade'; readonly model: string }
  | { readonly kind: 'defer'; readonly patience: Patience };

export interface BudgetRule {
  readonly name: string;
  readonly unit: Extract<Unit, 'usd' | 'tokens'>;
  readonly limit: number;
  /** Each call by itself: nothing is counted. */
  readonly isPerCall: boolean;
  readonly counters: Rule;
  readonly action: BudgetAction;
  readonly match: Match;
}

/** The most input tokens of one call, by estimate. */
export interface ContextRule {
  readonly name: string;
  readonly matches: (who: Who) => boolean;
  readonly maxInputTokens: number;
}

/** Ceilings that a client sets for its own task or session. `undefined`: the policy sets none. */
export interface RunPolicy {
  readonly isEnabled: boolean;
  readonly maxNanoUsd: number | undefined;
  readonly maxTokens: number | undefined;
}

/** A budget passed a mark, will not last, or has said no for the first time in its window. */
export interface BudgetEvent {
  readonly kind: 'threshold' | 'forecast' | 'refused';
  readonly budget: string;
  /** `team=a`. */
  readonly subject: string;
  readonly unit: BudgetRule['unit'];
  readonly spent: number;
  readonly limit: number;
  /** Of the limit, for `threshold`. */
  readonly percent?: number;
  /** Epoch ms. */
  readonly resetsAt: number | undefined;
  /** Epoch ms, for `forecast`. */
  readonly exhaustsAt?: number;
}

export interface BudgetOptions {
  /** Asked for each call: some are made while the gateway runs. */
  readonly rules: () => readonly BudgetRule[];
  readonly contexts: readonly ContextRule[];
  readonly runs: RunPolicy;
  /** The budget of a virtual key, by its id. */
  readonly rulesOfKey?: (key: string) => readonly BudgetRule[];
  readonly spender: Spender;
  /** Of the spender; records name it. */
  readonly owner: string;
  readonly waiting: WaitingRoom;
  /** @throws {GatewayError} `model_not_found` */
  readonly boundOf: (call: Call, scope: Bounded, nowMs: number) => Bound;
  /** A call that does not say how long its answer may be is told what was reserved for it. */
  readonly capsOutput: boolean;
  /** Nano-USD a token, for models whose price nobody knows; `undefined`: a budget in money refuses them. */
  readonly unpricedRate: number | undefined;
  readonly notify: (event: BudgetEvent) => void;
  /** Marks in percent of the limit. */
  readonly thresholds: readonly number[];
  readonly now?: () => number;
}

export type Ceiling = NonNullable<Scope['ceiling']>;
