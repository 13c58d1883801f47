import type { Lender } from '../core/stores.ts';
import { createMemoryStores } from './memory/index.ts';

/** The lender of the memory engine, with a clock of its own, that can be away. */
export interface TestLender extends Lender {
  nowMs: number;
  isAway: boolean;
  /** How often it was asked. */
  asked: number;
}

export function testLender(): TestLender {
  const faults = { nowMs: 1_000_000, isAway: false, asked: 0 };
  const { budgets } = createMemoryStores({ now: () => faults.nowMs });
  const answering = new Proxy(budgets, {
    get: (target, name: keyof Lender) => {
      const method = target[name] as (...given: unknown[]) => Promise<unknown>;
      return async (...given: unknown[]): Promise<unknown> => {
        faults.asked += 1;
        await Promise.resolve();
        if (faults.isAway) throw new Error('the lender is away');
        return method(...given);
      };
    },
  });
  return Object.assign(faults, {
    lease: (...given) => answering.lease(...given),
    leaseAll: (...given) => answering.leaseAll(...given),
    state: (...given) => answering.state(...given),
    read: (...given) => answering.read(...given),
    correct: (...given) => answering.correct(...given),
    expired: () => answering.expired(),
    list: (...given) => answering.list(...given),
    set: (...given) => answering.set(...given),
  } satisfies Lender);
}
