import type { Config } from '../config/schema.ts';
import type { Log } from '../core/log.ts';
import type { Lender, Owner } from '../core/stores.ts';
import { openLedgerDatabase } from '../ledger/database.ts';
import { ingest } from '../ledger/ingest.ts';
import { totalsOf, type OwnerTotal } from '../ledger/owners.ts';

export interface ReconcilerOptions {
  readonly config: Pick<Config, 'dataDir' | 'allowances'>;
  readonly lender: Lender;
  /** Whether the owner is a process of ours that runs. */
  readonly isAlive: (owner: Owner) => boolean;
  readonly log: Log;
  /** Reads the journals of others first: for the process that has workers. Left out: they are read when the ledger opens. */
  readonly readsJournals?: boolean;
}

export interface Reconciler {
  /** Replaces what dead owners stated by what the ledger here says of them. Never rejects. Gives the owners that were. */
  run(): Promise<readonly Owner[]>;
  close(): Promise<void>;
}

/** Counters in one call to the lender. */
const maxCounters = 4000;

/** Corrects the dead at the start and now and then. Owners that no journal here knows are left to those that have theirs. */
export function reconcilerOf(options: ReconcilerOptions): Reconciler {
  let running: Promise<readonly Owner[]> = Promise.resolve([]);
  const run = (): Promise<readonly Owner[]> =>
    (running = running
      .then(() => reconciled(options))
      .catch((error: unknown) => {
        options.log.debug('dead owners could not be corrected, trying again', { error });
        return [];
      }));
  const timer = setInterval(() => void run(), Math.max(1000, options.config.allowances.leaseTtlMs / 2)).unref();
  void run();
  return {
    run,
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function reconciled({ config: { dataDir }, lender, isAlive, log, readsJournals }: ReconcilerOptions): Promise<readonly Owner[]> {
  const dead = (await lender.expired()).map(({ owner }) => owner).filter((owner) => !isAlive(owner));
  if (dead.length === 0) return [];
  if (readsJournals) ingest(dataDir);
  const found = totals(dataDir, dead).filter(([, known]) => known.length > 0);
  for (const [owner, known] of found) {
    await correct(lender, owner, known);
    log.info('what a dead process spent was taken from the ledger', { owner, counters: known.length });
  }
  return found.map(([owner]) => owner);
}

function totals(dataDir: string, owners: readonly Owner[]): readonly (readonly [Owner, readonly OwnerTotal[]])[] {
  const database = openLedgerDatabase(dataDir);
  try {
    return owners.map((owner) => [owner, totalsOf(database, owner)] as const);
  } finally {
    database.close();
  }
}

async function correct(lender: Lender, owner: Owner, known: readonly OwnerTotal[]): Promise<void> {
  const counted = known.filter(({ endsAt }) => endsAt === undefined || endsAt > Date.now());
  for (let from = 0; from === 0 || from < counted.length; from += maxCounters) {
    const some = counted.slice(from, from + maxCounters);
    await lender.correct(
      owner,
      some.map(({ counter, spent, endsAt }) => ({ counter: { id: counter, limit: 0, endsAt }, spent, keep: 0 })),
    );
  }
}
