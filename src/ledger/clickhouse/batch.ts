import type { DatabaseSync } from 'node:sqlite';
import type { Feedback } from '../../core/record.ts';
import { unpack } from '../frame.ts';
import { decodeIndex, type CallIndex } from '../line.ts';
import { uuidOf } from './columns.ts';
import type { Cursor } from './cursor.ts';

export interface PlacedCall {
  /** Where in the batch it stands. */
  readonly place: number;
  readonly id: string;
  readonly call: CallIndex;
}
export interface PlacedFeedback {
  readonly place: number;
  readonly feedback: Feedback;
}

/** Records of the ledger that go to another store together. */
export interface Batch {
  /** Sequence of the last one. */
  readonly through: number;
  readonly records: number;
  /** Each id once. */
  readonly calls: readonly PlacedCall[];
  readonly feedback: readonly PlacedFeedback[];
}

/** The records behind a cursor: those of the batch under way, or else about `maxRecords`. `undefined`: there are none. */
export function readBatch(database: DatabaseSync, { through, pending }: Cursor, maxRecords: number): Batch | undefined {
  const blocks = database
    .prepare(
      'SELECT first_sequence, count, encoding, payload FROM block WHERE first_sequence > ? AND first_sequence <= ? ORDER BY first_sequence',
    )
    .iterate(through, pending ?? Number.MAX_SAFE_INTEGER);
  const events = new EventsOnce(database);
  const calls = new Map<string, PlacedCall>();
  const feedback: PlacedFeedback[] = [];
  let [last, records] = [0, 0];
  for (const { first_sequence, count, encoding, payload } of blocks) {
    if (pending === undefined && records >= maxRecords) break;
    let sequence = Number(first_sequence);
    last = sequence + Number(count) - 1;
    records += Number(count);
    for (const line of unpack({ encoding: Number(encoding), payload: Buffer.from(payload as Uint8Array) })) {
      const event = readable(line);
      const place = calls.size + feedback.length;
      if (event?.type === 'call') remember(calls, { place, id: uuidOf(event.id), call: event });
      else if (event?.type === 'feedback' && events.isFirst(event.id, sequence)) feedback.push({ place, feedback: event });
      sequence++;
    }
  }
  return last === 0 ? undefined : { through: last, records, calls: [...calls.values()], feedback };
}

/** The first record of an id counts, as in the tables. */
function remember(calls: Map<string, PlacedCall>, call: PlacedCall): void {
  if (!calls.has(call.id)) calls.set(call.id, call);
}

/** Feedback that was sent twice counts where it came first. */
class EventsOnce {
  readonly #find;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT sequence FROM event WHERE id = ?');
  }

  isFirst(id: string, sequence: number): boolean {
    const row = this.#find.get(id);
    return row === undefined || Number(row['sequence']) === sequence;
  }
}

/** A line that cannot be read was told of when it went into the tables. */
function readable(line: string): ReturnType<typeof decodeIndex> | undefined {
  try {
    return decodeIndex(line);
  } catch {
    return undefined;
  }
}
