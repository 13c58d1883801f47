import type { Stores } from '../../core/stores.ts';
import { retention, type Retention } from '../limits.ts';
import { createCounters } from './counters.ts';
import { createMemoryKeys } from './keys.ts';
import { lenderOf } from './lender.ts';
import { createMemoryReplies, type ReplyLimits } from './replies.ts';
import { createMemorySessions } from './sessions.ts';
import { createMemorySettings } from './settings.ts';

export interface MemoryOptions extends Partial<Retention>, Partial<ReplyLimits> {
  /** Epoch ms. For tests; left out, a clock that never goes back. */
  readonly now?: () => number;
}

/** State that ends with the process: for tests, and for gateways whose limits need not outlive a restart. */
export function createMemoryStores({ now = steadyNow, maxReplyBytes = 64 * 1024 * 1024, ...kept }: MemoryOptions = {}): Stores {
  const options = { now, ...retention, ...kept };
  return {
    budgets: lenderOf(createCounters(options)),
    limits: lenderOf(createCounters(options)),
    keys: createMemoryKeys(),
    settings: createMemorySettings(),
    sessions: createMemorySessions({ now }),
    replies: createMemoryReplies({ now, maxReplyBytes }),
    health: () => undefined,
    close: async () => {},
  };
}

/** Epoch ms by the monotonic clock. */
export const steadyNow = (): number => Math.trunc(performance.timeOrigin + performance.now());
