import type { Lender } from '../../core/stores.ts';
import { checkAmounts, checkAsks, checkId, checkIds, checkStatements } from '../checks.ts';
import { storeLimits } from '../limits.ts';
import type { Counters } from './counters.ts';

/** A lender over counters in this process. Nothing is ever away. */
export function lenderOf(counters: Counters): Lender {
  return {
    async lease(owner, ask) {
      checkAsks(owner, [ask]);
      return counters.lease(owner, [ask])[0]!;
    },
    async leaseAll(owner, asks) {
      checkAsks(owner, asks);
      return counters.lease(owner, asks);
    },
    async state(owner, statements, ttlMs) {
      checkStatements(owner, statements);
      checkAmounts({ ttlMs });
      return counters.state(owner, statements, ttlMs);
    },
    async read(ids) {
      checkIds(ids);
      return counters.read(ids);
    },
    async correct(owner, statements) {
      checkStatements(owner, statements);
      counters.correct(owner, statements);
    },
    expired: async () => counters.expired(),
    list: async (prefix, limit) => counters.list(prefix, Math.min(limit, storeLimits.listed)),
    async set(id, spent) {
      checkId(id);
      checkAmounts({ spent });
      counters.set(id, spent);
    },
  };
}
