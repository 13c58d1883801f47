import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openLedgerDatabase, transaction } from './database.ts';
import { unpack, type Frame } from './frame.ts';
import { decodeIndex, type CallIndex } from './line.ts';
import { readJournal, type Checkpoint, type JournalFault } from './replay.ts';
import { callColumns, callValues, dimensionColumns, dimensionValues } from './row.ts';
import type { CallRecord, LedgerEvent } from '../core/record.ts';
import { applyFeedback } from './feedback.ts';
import { OwnerSums } from './owners.ts';
import { Rollups } from './query/rollups.ts';
import { journalsOf, type PlacedJournal } from './worker-journals.ts';

export interface Ingested {
  /** Rows that were new. */
  readonly calls: number;
  readonly events: number;
  readonly faults: readonly JournalFault[];
  /** Lines that are no record this program can read; their block keeps them. */
  readonly unreadable: number;
}

type Step = Ingested & { readonly more: boolean };

/** Faults of worker 2 are noted as of segment 2,000,000,001 and so on: the table knows one journal. */
const faultsOfWorker = 1_000_000_000;

/** Records in one transaction: large enough to be cheap, small enough that others get their turn. */
const batchRecords = 5000;

/** Brings the database of `dir` up to its journal. Harmless to repeat, and to run in several processes at once. */
export function ingest(dir: string): Ingested {
  const database = openLedgerDatabase(dir);
  try {
    return new Ingester(dir, database).catchUp();
  } finally {
    database.close();
  }
}

const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
/** Combinations of labels whose number is remembered; beyond it the memory starts anew. */
const maxKnownDimensions = 20_000;

/** Moves frames from the journal into the tables, each exactly once: the place reached is stored in the same transaction. */
export class Ingester {
  readonly #dir: string;
  readonly #database: DatabaseSync;
  readonly #addCall: StatementSync;
  readonly #addEvent: StatementSync;
  readonly #addBlock: StatementSync;
  readonly #addDimension: StatementSync;
  readonly #findDimension: StatementSync;
  readonly #addFault: StatementSync;
  readonly #checkpoint: StatementSync;
  readonly #setCheckpoint: StatementSync;
  readonly #setSequence: StatementSync;
  readonly #workerCheckpoint: StatementSync;
  readonly #setWorkerCheckpoint: StatementSync;
  readonly #owners: OwnerSums;
  /** Of the same connection. They lag behind; whoever has time brings them on. */
  readonly rollups: Rollups;
  readonly #dimensions = new Map<string, number>();

  constructor(dir: string, database: DatabaseSync) {
    this.#dir = dir;
    this.#database = database;
    this.#addCall = database.prepare(`INSERT OR IGNORE INTO call (${callColumns.join(', ')}) VALUES (${marks(callColumns.length)})`);
    this.#addEvent = database.prepare('INSERT OR IGNORE INTO event (sequence, id, at, type, body) VALUES (?, ?, ?, ?, ?)');
    this.#addBlock = database.prepare(`INSERT OR IGNORE INTO block VALUES (${marks(6)})`);
    this.#addDimension = database.prepare(
      `INSERT INTO dimension (identity, ${dimensionColumns.join(', ')}) VALUES (${marks(dimensionColumns.length + 1)}) RETURNING id`,
    );
    this.#findDimension = database.prepare('SELECT id FROM dimension WHERE identity = ?');
    this.#addFault = database.prepare(`INSERT OR IGNORE INTO journal_fault VALUES (${marks(5)})`);
    this.#checkpoint = database.prepare('SELECT segment, offset FROM checkpoint');
    this.#setCheckpoint = database.prepare('UPDATE checkpoint SET segment = ?, offset = ?');
    this.#setSequence = database.prepare('UPDATE checkpoint SET next_sequence = ?');
    this.#workerCheckpoint = database.prepare('SELECT segment, offset FROM worker_checkpoint WHERE worker = ?');
    this.#setWorkerCheckpoint = database.prepare('INSERT OR REPLACE INTO worker_checkpoint VALUES (?, ?, ?)');
    this.#owners = new OwnerSums(database);
    this.rollups = new Rollups(database);
  }

  /** Sequence of the next record, as far as the database knows. */
  get nextSequence(): number {
    return Number(this.#database.prepare('SELECT next_sequence FROM checkpoint').get()!['next_sequence']);
  }

  /** Reads the journal from the checkpoint to its end, in transactions of about 5,000 records. */
  catchUp(): Ingested {
    let total: Ingested = { calls: 0, events: 0, faults: [], unreadable: 0 };
    for (let more = true; more;) {
      const step = this.step(batchRecords);
      total = added(total, step);
      more = step.more;
    }
    return total;
  }

  /** One transaction of about `maxRecords` records for each journal. `more`: one of them may hold others. */
  step(maxRecords: number): Step {
    let total: Step = { calls: 0, events: 0, faults: [], unreadable: 0, more: false };
    for (const journal of journalsOf(this.#dir)) {
      const step = this.#transaction(() => this.#moveOn(journal, maxRecords));
      total = { ...added(total, step), more: total.more || step.more };
    }
    return total;
  }

  #moveOn(journal: PlacedJournal, maxRecords: number): Step {
    const { frames, faults, checkpoint, more } = readJournal(journal.dir, this.#place(journal), maxRecords);
    const counts = this.#insertFrames(frames);
    for (const { segment, offset, bytes, reason } of faults)
      this.#addFault.run(segment + journal.worker * faultsOfWorker, offset, bytes, reason, Date.now());
    if (more) this.#moveTo(journal, checkpoint);
    return { ...counts, faults, more };
  }

  #insertFrames(frames: readonly Frame[]): { calls: number; events: number; unreadable: number } {
    const counts = { calls: 0, events: 0, unreadable: 0 };
    let next = this.nextSequence;
    for (const frame of frames) {
      // Journals of several processes number their records by themselves: in the tables each comes behind what is there.
      const firstSequence = Math.max(frame.firstSequence, next);
      let sequence = firstSequence;
      next = firstSequence + frame.count;
      let minAt = Number.MAX_SAFE_INTEGER;
      let maxAt = 0;
      for (const line of unpack(frame)) {
        const event = readable(line);
        if (event === undefined) counts.unreadable++;
        else {
          minAt = Math.min(minAt, event.at);
          maxAt = Math.max(maxAt, event.at);
          if (event.type === 'call') counts.calls += this.#insertCall(event, sequence);
          else counts.events += this.#insertEvent(event, sequence, line);
        }
        sequence++;
      }
      this.#addBlock.run(firstSequence, frame.count, minAt, maxAt, frame.encoding, frame.payload);
    }
    if (frames.length > 0) this.#setSequence.run(next);
    this.#owners.write();
    return counts;
  }

  #insertCall(call: CallIndex, sequence: number): number {
    const isNew = Number(this.#addCall.run(...callValues(call, sequence, this.#dimensionOf(call))).changes);
    if (isNew > 0 && call.annotations?.booked) this.#owners.add(call.annotations.booked, call.at);
    return isNew;
  }

  #insertEvent(event: Exclude<LedgerEvent, CallRecord>, sequence: number, line: string): number {
    const isNew = Number(this.#addEvent.run(sequence, event.id, event.at, event.type, line).changes);
    if (isNew > 0 && event.type === 'feedback') applyFeedback(this.#database, this.rollups, event);
    return isNew;
  }

  #dimensionOf(call: CallIndex): number {
    const values = dimensionValues(call);
    const identity = identityOf(values);
    const known = this.#dimensions.get(identity);
    if (known !== undefined) return known;
    const row = this.#findDimension.get(identity) ?? this.#addDimension.get(identity, ...values)!;
    const id = Number(row['id']);
    if (this.#dimensions.size >= maxKnownDimensions) this.#dimensions.clear();
    this.#dimensions.set(identity, id);
    return id;
  }

  #place({ worker }: PlacedJournal): Checkpoint {
    const place = worker === 0 ? this.#checkpoint.get() : this.#workerCheckpoint.get(worker);
    return { segment: Number(place?.['segment'] ?? 0), offset: Number(place?.['offset'] ?? 0) };
  }

  #moveTo({ worker }: PlacedJournal, { segment, offset }: Checkpoint): void {
    if (worker === 0) this.#setCheckpoint.run(segment, offset);
    else this.#setWorkerCheckpoint.run(worker, segment, offset);
  }

  /** What a transaction learned about dimensions is wrong when it is rolled back. */
  #transaction<T>(work: () => T): T {
    try {
      return transaction(this.#database, work);
    } catch (error) {
      this.#dimensions.clear();
      this.#owners.forget();
      throw error;
    }
  }
}

/** One text for a list of values, and no other list has it. Several times faster than JSON. */
function identityOf(values: readonly (string | number | null)[]): string {
  let identity = '';
  for (const value of values) identity += value === null ? '-' : typeof value === 'number' ? `${value};` : `${value.length}:${value}`;
  return identity;
}

function readable(line: string): ReturnType<typeof decodeIndex> | undefined {
  try {
    return decodeIndex(line);
  } catch {
    return undefined;
  }
}

const added = (left: Ingested, right: Ingested): Ingested => ({
  calls: left.calls + right.calls,
  events: left.events + right.events,
  faults: [...left.faults, ...right.faults],
  unreadable: left.unreadable + right.unreadable,
});
