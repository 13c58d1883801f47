import type { MessagePort } from 'node:worker_threads';
import type { FollowOptions } from './clickhouse/follow.ts';
import type { SyncMode } from './journal.ts';
import type { SharedRing } from './ring.ts';

/** Limits and times of a ledger, each with its default. */
export const ledgerDefaults = {
  /**
   * Time in which records gather before they are written together; who waits for `durable` does not wait for it. A crash loses at most
   * this much. A commit costs 0.1 to 0.2 ms of CPU, whatever it holds.
   */
  commitIntervalMs: 20,
  sync: 'commit' as SyncMode,
  /** Between two syncs when `sync` is `interval`. */
  syncIntervalMs: 1000,
  segmentBytes: 64 << 20,
  /** Records waiting for the disk. Beyond it they are counted and dropped. Rounded up to a power of two. */
  maxQueuedBytes: 16 << 20,
  /** How often records go from the journal into the tables, in quiet times. Reports do not wait for it: they bring the tables up to date. */
  ingestIntervalMs: 1000,
  /** Segments that are in the tables are deleted when this old. */
  journalRetentionMs: 24 * 3_600_000,
  /** Rows older than this are deleted; `Infinity` keeps them. */
  rowRetentionMs: Infinity,
  /** Of records older than that which ClickHouse does not have yet, compressed. Beyond it the oldest go. */
  maxWaitingBytes: 10 * 2 ** 30,
  bodies: { maxAgeMs: 7 * 24 * 3_600_000, maxBytes: 1 << 30, maxQueuedBytes: 64 << 20 },
} as const;

export interface BodyLimits {
  readonly maxAgeMs: number;
  /** Of all stored bodies, compressed. The oldest go first. */
  readonly maxBytes: number;
  /** Of bodies waiting to be stored. Beyond it they are counted and dropped. */
  readonly maxQueuedBytes: number;
}
export interface LedgerOptions extends Partial<Omit<WorkerSettings, 'dir' | 'bodies' | 'hasSink'>> {
  /** Data directory; made when it is not there. */
  readonly dir: string;
  readonly maxQueuedBytes?: number;
  readonly bodies?: Partial<BodyLimits>;
  /** A ClickHouse that follows the ledger, of the process that has the tables. */
  readonly clickhouse?: FollowOptions;
  /** Told, at most once a minute a cause, when the ledger cannot keep up or cannot write. */
  readonly alert?: (message: string) => void;
}

export interface WorkerSettings {
  readonly dir: string;
  /** For one of several processes that serve: only a journal, and here. Another process moves it into the tables of `dir`. */
  readonly journalDir?: string;
  /** For the process that moves the journals of others into the tables. */
  readonly hasWorkers?: boolean;
  readonly commitIntervalMs: number;
  readonly sync: SyncMode;
  readonly syncIntervalMs: number;
  readonly segmentBytes: number;
  readonly ingestIntervalMs: number;
  readonly journalRetentionMs: number;
  readonly rowRetentionMs: number;
  /** Another store follows the ledger. */
  readonly hasSink?: boolean;
  readonly maxWaitingBytes: number;
  readonly bodies: BodyLimits;
}
export interface WorkerStart {
  readonly settings: WorkerSettings;
  readonly ring: SharedRing;
  readonly port: MessagePort;
}
export interface ToWorker {
  readonly hash: string;
  readonly bytes: Uint8Array;
}
/** `safe`: what was pushed before the last wish to hurry is on disk. `trouble`: something failed and will be tried again. */
export type FromWorker = { readonly type: 'ready' | 'safe' } | { readonly type: 'trouble'; readonly message: string };
