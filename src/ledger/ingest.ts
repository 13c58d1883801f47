import { existsSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openLedgerDatabase, transaction } from './database.ts';
import { unpack, type Frame } from './frame.ts';
import { decodeIndex, type CallIndex } from './line.ts';
import { readJournal, type Checkpoint, type JournalFault } from './replay.ts';
import { callColumns, callValues, dimensionColumns, dimensionValues } from './row.ts';
import { journalDir } from './segments.ts';

export interface Ingested {
  /** Rows that were new. */
  readonly calls: number;
  readonly events: number;
  readonly faults: readonly JournalFault[];
  /** Lines that are no record this program can read; their block keeps them. */
  readonly unreadable: number;
}

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
    this.#setCheckpoint = database.prepare('UPDATE checkpoint SET segment = ?, offset = ?, next_sequence = max(next_sequence, ?)');
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

  /** One transaction of about `maxRecords` records. `more`: the journal may hold others. */
  step(maxRecords: number): Ingested & { readonly more: boolean } {
    if (!existsSync(journalDir(this.#dir))) return { calls: 0, events: 0, faults: [], unreadable: 0, more: false };
    return this.#transaction(() => this.#moveOn(maxRecords));
  }

  #moveOn(maxRecords: number): Ingested & { readonly more: boolean } {
    const from = this.#place();
    const { frames, faults, checkpoint, more } = readJournal(this.#dir, from, maxRecords);
    const counts = this.#insertFrames(frames);
    for (const { segment, offset, bytes, reason } of faults) this.#addFault.run(segment, offset, bytes, reason, Date.now());
    const last = frames.at(-1);
    if (more) this.#setCheckpoint.run(checkpoint.segment, checkpoint.offset, last ? last.firstSequence + last.count : 0);
    return { ...counts, faults, more };
  }

  #insertFrames(frames: readonly Frame[]): { calls: number; events: number; unreadable: number } {
    const counts = { calls: 0, events: 0, unreadable: 0 };
    for (const frame of frames) {
      let sequence = frame.firstSequence;
      let minAt = Number.MAX_SAFE_INTEGER;
      let maxAt = 0;
      for (const line of unpack(frame)) {
        const event = readable(line);
        if (event === undefined) counts.unreadable++;
        else {
          minAt = Math.min(minAt, event.at);
          maxAt = Math.max(maxAt, event.at);
          if (event.type === 'call') counts.calls += this.#insertCall(event, sequence);
          else counts.events += Number(this.#addEvent.run(sequence, event.id, event.at, event.type, line).changes);
        }
        sequence++;
      }
      this.#addBlock.run(frame.firstSequence, frame.count, minAt, maxAt, frame.encoding, frame.payload);
    }
    return counts;
  }

  #insertCall(call: CallIndex, sequence: number): number {
    return Number(this.#addCall.run(...callValues(call, sequence, this.#dimensionOf(call))).changes);
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

  #place(): Checkpoint {
    const { segment, offset } = this.#checkpoint.get()!;
    return { segment: Number(segment), offset: Number(offset) };
  }

  /** What a transaction learned about dimensions is wrong when it is rolled back. */
  #transaction<T>(work: () => T): T {
    try {
      return transaction(this.#database, work);
    } catch (error) {
      this.#dimensions.clear();
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
