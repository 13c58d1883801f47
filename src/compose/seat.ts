import type { Owner, Stores } from '../core/stores.ts';
import type { LedgerOptions } from '../ledger/settings.ts';

/** The place of one of several processes that serve: what it does not have by itself. */
export interface Seat {
  readonly owner: Owner;
  readonly ledger: Pick<LedgerOptions, 'journalDir'>;
  /** Of the first process; `undefined`: it opens the engine itself. */
  readonly stores: Stores | undefined;
}
