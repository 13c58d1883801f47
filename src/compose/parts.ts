import type { Alerts } from './alerts.ts';
import type { Allowances } from './allowance.ts';
import type { Later } from '../core/later.ts';
import type { Log } from '../core/log.ts';
import type { ReplyStore, SessionStore } from '../core/stores.ts';
import type { KeyDirectory } from '../keys/directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerReader } from '../ledger/query/reader.ts';
import type { ResponseState } from '../protocols/translate/openai-responses/state.ts';
import type { BatchMemory } from '../providers/batches/memory.ts';
import type { Dispatch } from '../providers/dispatch.ts';
import type { Telemetry } from './telemetry.ts';
import type { RuleBooks } from './rules.ts';
import type { SavingWatch } from '../savings/watch.ts';
import type { SensitivityMemory } from '../stages/sensitivity/memory.ts';
import type { TokenCounter } from '../text/counter.ts';

/** What lives as long as the app, whatever is reloaded. */
export interface Parts {
  readonly ledger: Ledger;
  readonly counter: TokenCounter;
  readonly dispatch: Dispatch;
  readonly later: Later;
  readonly responses: ResponseState;
  readonly batchMemory: BatchMemory;
  readonly log: Log;
  readonly alerts: Alerts;
  readonly allowances: Allowances;
  readonly rules: RuleBooks;
  readonly keys: KeyDirectory;
  readonly sensitivity: SensitivityMemory;
  readonly savingWatch: SavingWatch;
  readonly replies: ReplyStore;
  readonly sessions: SessionStore;
  readonly reader: LedgerReader;
  readonly telemetry: Telemetry;
  /** Epoch ms, for all that asks what time it is for a call: prices, lifetimes of caches, rules. A rehearsal has a clock of its own. */
  readonly now: () => number;
}
