import type { Unit } from '../../allowance/amounts.ts';
import type { Bound, Bounded } from '../../allowance/bound.ts';
import type { Found, Rule } from '../../allowance/rule.ts';
import type { Spender, Want } from '../../allowance/spender.ts';
import type { Patience, WaitingRoom } from '../../allowance/waiting-room.ts';
import type { Call } from '../../core/call.ts';

/** One count of a limit: so many requests in a minute. */
export interface RateRule {
  /** Of the limit it is part of. */
  readonly name: string;
  readonly unit: Exclude<Unit, 'usd'>;
  readonly limit: number;
  readonly counters: Rule;
  /** Left out: refused at once. */
  readonly queue?: Patience | undefined;
}

export interface RateLimitOptions {
  /** Asked for each call: some are made while the gateway runs. */
  readonly rules: () => readonly RateRule[];
  /** The limits of a virtual key, by its id. */
  readonly rulesOfKey?: (key: string) => readonly RateRule[];
  readonly spender: Spender;
  readonly waiting: WaitingRoom;
  /** Asked only where tokens are limited. @throws {GatewayError} `model_not_found` */
  readonly boundOf: (call: Call, scope: Bounded, nowMs: number) => Bound;
  readonly now?: () => number;
}

/** What a call takes of one count. */
export interface Share extends Want {
  readonly rule: RateRule;
  readonly found: Found;
}
