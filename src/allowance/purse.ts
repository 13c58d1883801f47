import type { Counter, CounterState, Statement } from '../core/stores.ts';

/** A counter as a spender asks for it. */
export interface Account extends Counter {
  /** Ids of earlier windows whose counts still count. */
  readonly before?: readonly string[];
  /** Counted, never refused. */
  readonly isSoft?: boolean;
}

/** What all owners together have done with a counter, as far as this process knows. */
export interface Balance {
  readonly limit: number;
  readonly spent: number;
  readonly held: number;
}

/** What one process holds of one counter. Amounts are totals since its birth; `leased - spent - held` is free. */
export class Purse {
  account: Account;
  leased = 0;
  spent = 0;
  held = 0;
  /** `spent` as the lender knows it. */
  stated = 0;
  /** Lease as the lender knows it. */
  statedLease = 0;
  /** Spent and leased by others, and by earlier windows, at the lender's last word. */
  others = { spent: 0, held: 0 };
  /** Of earlier windows, for a rolling one, as last read. */
  earlier: { readonly spent: number; readonly held: number } = { spent: 0, held: 0 };
  isEarlierOld: boolean;
  /** A talk with the lender about this counter is under way: only one at a time, so that what it says is of the last word. */
  talk: Promise<void> | undefined;
  /** The lender had no more than this, which is taken for true until then, unless something changes here. */
  refused: { readonly room: number; readonly untilMs: number } | undefined;
  usedMs = 0;

  /** `spent`: what this process had spent, and stated, before it let the counter rest. */
  constructor(account: Account, spent = 0) {
    this.account = account;
    this.spent = this.leased = this.stated = this.statedLease = spent;
    this.isEarlierOld = (account.before?.length ?? 0) > 0;
  }

  /** The account as it is now. Under a lower limit nothing that is free stays so: the lender must say what is left. */
  follow(account: Account): void {
    if (account.limit < this.account.limit) this.leased = Math.min(this.leased, this.spent + this.held);
    if (account.limit > this.account.limit) this.refused = undefined;
    this.account = account;
  }

  get free(): number {
    return this.leased - this.spent - this.held;
  }

  /** For the lender: the limit of this window alone. */
  get counter(): Counter {
    const { id, limit, endsAt } = this.account;
    return { id, limit: Math.max(0, limit - this.earlier.spent - this.earlier.held), endsAt };
  }

  get balance(): Balance {
    const { limit } = this.account;
    const { spent, held } = this.earlier;
    return { limit, spent: this.others.spent + this.spent + spent, held: this.others.held + this.held + held };
  }

  /** Takes over what the lender says of all owners, this one among them. */
  heard(state: CounterState): void {
    this.others = {
      spent: state.spent - this.stated, // less than 0 after a reset
      held: Math.max(0, state.held - (this.statedLease - this.stated)),
    };
  }

  granted(amount: number): void {
    this.leased += amount;
    this.statedLease += amount;
  }

  /** Gives back all but `spare` of what is free, at once, before the lender is told: until then nobody can spend it. */
  statement(spare: number): Statement {
    const keep = this.account.isSoft ? 0 : this.held + Math.max(0, Math.min(this.free, spare));
    this.leased = this.spent + keep;
    return { counter: this.counter, spent: this.spent, keep };
  }

  /** The lender has taken it, and kept this much: less than asked when the lease had ended meanwhile, or when more was spent than leased. */
  told({ spent, keep }: Statement, kept: number): void {
    this.stated = spent;
    this.statedLease = spent + kept;
    this.leased += kept - keep;
  }

  get isTold(): boolean {
    return this.stated === this.spent && this.statedLease === this.leased;
  }
}
