import type { Stores } from '../core/stores.ts';
import { testKeys } from './conformance/keys.ts';
import { testLender } from './conformance/lender.ts';
import { testLenderModel } from './conformance/lender-model.ts';
import { testOutage } from './conformance/outage.ts';
import { testReplies } from './conformance/replies.ts';
import { testReopening } from './conformance/reopening.ts';
import { testSessions } from './conformance/sessions.ts';
import { testSettings } from './conformance/settings.ts';

/** One engine with a place of its own for its state. */
export interface Engine {
  readonly stores: Stores;
  /** As another process sees the same state. The same object where the engine is for one process. */
  readonly another: Stores;
  /** Closes, and opens the same place again. Left out: nothing outlives the process. */
  readonly reopen?: () => Promise<Stores>;
  /** Takes the engine away and gives it back, with its state. Left out: it cannot be away. */
  readonly outage?: { readonly begin: (how: Outage) => Promise<void>; readonly end: () => Promise<void> };
  readonly close: () => Promise<void>;
}

/** Connections are broken and refused, or nothing comes back any more. */
export type Outage = 'refusing' | 'silent';

export interface EngineOptions {
  readonly maxReplyBytes: number;
  readonly forgetAfterMs: number;
  readonly deadOwnersMs: number;
}

export type MakeEngine = (options?: Partial<EngineOptions>) => Promise<Engine>;

/** What every engine must do, as tests. Time is real, so ends are either long after the test or a few milliseconds away. */
export function testStores(name: string, make: MakeEngine): void {
  testLender(name, make, 'budgets');
  testLender(name, make, 'limits');
  testLenderModel(name, make);
  testKeys(name, make);
  testSettings(name, make);
  testSessions(name, make);
  testReplies(name, make);
  testReopening(name, make);
  testOutage(name, make);
}
