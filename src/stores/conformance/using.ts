import { setTimeout as sleep } from 'node:timers/promises';
import type { Counter, LeaseAsk } from '../../core/stores.ts';
import type { Engine, EngineOptions, MakeEngine } from '../conformance.ts';

/** Long after any test. */
export const longMs = 3_600_000;

export async function using(make: MakeEngine, work: (engine: Engine) => Promise<void>, options?: Partial<EngineOptions>): Promise<void> {
  const engine = await make(options);
  try {
    await work(engine);
  } finally {
    await engine.close();
  }
}

export const counterOf = (id: string, limit = 1000, endsAt?: number): Counter => ({ id, limit, endsAt });

export const askOf = (counter: Counter, least: number, wanted = least, ttlMs = longMs): LeaseAsk => ({ counter, least, wanted, ttlMs });

/** Waits until `check` holds. @throws after five seconds, with what it threw or gave last */
export async function eventually(check: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 5000;
  while (!(await check())) {
    if (performance.now() > giveUpAt) throw new Error(`it did not come to be: ${check.toString()}`);
    await sleep(5);
  }
}
