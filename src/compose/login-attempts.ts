import type { Account } from '../allowance/purse.ts';
import type { Spender } from '../allowance/spender.ts';
import { failureWindowMs, maxFailures, OwnAttempts, type Attempt, type Attempts } from '../server/admin/attempts.ts';

/** Of an address; longer ones are no addresses. */
const maxAddressLength = 64;

/**
 * Counts failed log-ins over all processes that share the store, each try reserved before its token is looked at, so that tries at one time
 * are not more either. While the store is away each process counts by itself.
 */
export function sharedAttempts(spender: Spender, now: () => number = Date.now): Attempts {
  const own = new OwnAttempts(now);
  return {
    async begin(address) {
      const alone = await own.begin(address);
      if (typeof alone === 'number') return alone;
      const nowMs = now();
      const { hold, lack } = await spender.reserve([{ account: accountOf(address, nowMs), amount: 1 }]);
      if (lack?.reason === 'no room') return failureWindowMs - (nowMs % failureWindowMs) + failureWindowMs;
      return hold ? { succeeded: () => hold.settle([0]), failed: () => bothFailed(alone, () => hold.settle([1])) } : alone;
    },
  };
}

function bothFailed(alone: Attempt, settle: () => void): void {
  alone.failed();
  settle();
}

/** The failures of this window, and of the one before it. */
function accountOf(address: string, nowMs: number): Account {
  const window = Math.floor(nowMs / failureWindowMs);
  const idOf = (at: number): string => `limit/login/${encodeURIComponent(address.slice(0, maxAddressLength))}/${at}`;
  return { id: idOf(window), limit: maxFailures, endsAt: (window + 2) * failureWindowMs, before: [idOf(window - 1)] };
}
