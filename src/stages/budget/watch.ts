import type { Balance } from '../../allowance/purse.ts';
import type { Window } from '../../allowance/window.ts';
import type { Charge } from './charges.ts';
import type { BudgetEvent } from './options.ts';

interface Seen {
  /** Highest mark passed. */
  percent: number;
  isForecast: boolean;
  isRefused: boolean;
}

/** Counters watched; the one not heard of longest goes first. */
const maxWatched = 10_000;
/** A forecast needs this share of its window to have passed, and of its limit to be spent. */
const leastShare = 0.1;

/** When the limit will be reached if it goes on like this, epoch ms; `undefined`: it will not within the window, or nobody can tell. */
export function exhaustsAt(
  { limit, spent }: Balance,
  { startsAt, turnsAt }: Pick<Window, 'startsAt' | 'turnsAt'>,
  nowMs: number,
): number | undefined {
  if (startsAt === undefined || turnsAt === undefined || spent <= 0) return undefined;
  const elapsedMs = nowMs - startsAt;
  if (elapsedMs < (turnsAt - startsAt) * leastShare) return undefined;
  const at = spent >= limit ? nowMs : Math.round(nowMs + ((limit - spent) / spent) * elapsedMs);
  return at < turnsAt ? at : undefined;
}

/** Tells once for each counter what has come about: marks passed, a forecast of its end, the first refusal. */
export class BudgetWatch {
  readonly #seen = new Map<string, Seen>();
  readonly #thresholds: readonly number[];
  readonly #notify: (event: BudgetEvent) => void;

  constructor(thresholds: readonly number[], notify: (event: BudgetEvent) => void) {
    this.#thresholds = thresholds;
    this.#notify = notify;
  }

  /** `used` was just settled, and is part of the balance. */
  settled(charge: Charge, balance: Balance, used: number, nowMs: number): void {
    const seen = this.#of(charge, balance, balance.spent - used);
    const percent = this.#passed(balance.limit, balance.spent);
    if (percent > seen.percent) {
      seen.percent = percent;
      this.#notify({ ...eventOf('threshold', charge, balance), percent });
    }
    if (seen.isForecast || balance.spent < balance.limit * leastShare || balance.spent >= balance.limit) return;
    if (charge.found.account.before?.length) return; // a rolling window has no end to reach
    const at = exhaustsAt(balance, charge.found.window, nowMs);
    if (at === undefined) return;
    seen.isForecast = true;
    this.#notify({ ...eventOf('forecast', charge, balance), exhaustsAt: at });
  }

  refused(charge: Charge, balance: Balance): void {
    const seen = this.#of(charge, balance, balance.spent);
    if (seen.isRefused) return;
    seen.isRefused = true;
    this.#notify(eventOf('refused', charge, balance));
  }

  /** Marks passed before this process looked were told by another. */
  #of({ account: { id } }: Charge, { limit }: Balance, spentBefore: number): Seen {
    const known = this.#seen.get(id);
    if (known) return known;
    if (this.#seen.size >= maxWatched) this.#seen.delete(this.#seen.keys().next().value!);
    const seen: Seen = { percent: this.#passed(limit, spentBefore), isForecast: false, isRefused: false };
    this.#seen.set(id, seen);
    return seen;
  }

  #passed(limit: number, spent: number): number {
    let highest = 0;
    for (const percent of this.#thresholds) if (spent * 100 >= limit * percent && percent > highest) highest = percent;
    return highest;
  }
}

function eventOf(kind: BudgetEvent['kind'], { rule, found }: Charge, { spent, limit }: Balance): BudgetEvent {
  return { kind, budget: rule.name, subject: found.subject, unit: rule.unit, spent, limit, resetsAt: found.window.turnsAt };
}
