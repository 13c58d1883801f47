import type { DatabaseSync } from 'node:sqlite';
import type { CallRecord } from '../core/record.ts';
import { from } from './figures.ts';
import { unpack } from './frame.ts';
import { conditionOf, type Filters, type Selection } from './keys.ts';
import { decodeLine } from './line.ts';
import { withLedger } from './report.ts';
import { idText, idValue } from './row.ts';

/** The cost a call was given by the last `reprice`. */
export interface Repriced {
  readonly repricing: number;
  /** Nano-USD; `null`: unknown. */
  readonly cost: number | null;
}
export interface StoredCall {
  readonly sequence: number;
  /** As it was recorded, first cost included. */
  readonly record: CallRecord;
  readonly repriced?: Repriced;
  /** The newest feedback about it; absent without any. */
  readonly score?: number | null;
}

export interface TailRequest {
  /** Only calls recorded after this one; without it the newest. */
  readonly after?: string;
  readonly limit: number;
  readonly filters?: Filters;
}

/** Calls in the order they were recorded: those after `after`, or else the last ones; at most `limit`. */
export const tail = (dir: string, request: TailRequest): readonly StoredCall[] => withLedger(dir, (database) => tailOf(database, request));

export function tailOf(database: DatabaseSync, { after, limit, filters }: TailRequest): readonly StoredCall[] {
  const where = conditionOf({ filters });
  const start = after === undefined ? undefined : sequenceOf(database, after);
  const rows = database
    .prepare(
      `SELECT c.sequence AS sequence ${from} WHERE ${where.sql} AND c.sequence > ? ORDER BY c.sequence ${start === undefined ? 'DESC' : 'ASC'} LIMIT ?`,
    )
    .all(...where.values, start ?? 0, limit);
  const sequences = rows.map((row) => Number(row['sequence'])).sort((left, right) => left - right);
  return storedCalls(database, sequences);
}

/** The whole record of one call, or `undefined`. */
export const findCall = (dir: string, id: string): StoredCall | undefined => withLedger(dir, (database) => findCallIn(database, id));

export function findCallIn(database: DatabaseSync, id: string): StoredCall | undefined {
  const row = database.prepare('SELECT sequence FROM call WHERE id = ?').get(idValue(id));
  return row && storedCalls(database, [Number(row['sequence'])])[0];
}

function sequenceOf(database: DatabaseSync, id: string): number {
  const row = database.prepare('SELECT sequence FROM call WHERE id = ?').get(idValue(id));
  if (!row) throw new RangeError(`no call ${id} in the ledger`);
  return Number(row['sequence']);
}

/** Rows read at once by `eachCall`. */
const pageRows = 1000;

/** Whole records of a selection, in the order they were recorded, read page by page; only those behind the sequence `after`. */
export function* eachCall(database: DatabaseSync, selection: Selection, after = 0): Generator<StoredCall> {
  const where = conditionOf(selection);
  const page = database.prepare(
    `SELECT c.sequence AS sequence ${from} WHERE ${where.sql} AND c.sequence > ? ORDER BY c.sequence LIMIT ${pageRows}`,
  );
  for (let last = after; ;) {
    const sequences = page.all(...where.values, last).map((row) => Number(row['sequence']));
    yield* storedCalls(database, sequences);
    if (sequences.length < pageRows) return;
    last = sequences.at(-1)!;
  }
}

/** Records by rising sequence, each from the block that holds it. */
export function storedCalls(database: DatabaseSync, sequences: readonly number[]): StoredCall[] {
  const block = database.prepare(
    'SELECT first_sequence, count, encoding, payload FROM block WHERE first_sequence <= ? ORDER BY first_sequence DESC LIMIT 1',
  );
  const repriced = database.prepare('SELECT id, repricing, repriced_cost, score_micro FROM call WHERE sequence = ?');
  let lines: readonly string[] = [];
  let first = 0;
  return sequences.map((sequence) => {
    if (sequence < first || sequence >= first + lines.length) {
      const row = block.get(sequence)!;
      first = Number(row['first_sequence']);
      lines = unpack({ encoding: Number(row['encoding']), payload: Buffer.from(row['payload'] as Uint8Array) });
    }
    const record = decodeLine(lines[sequence - first]!) as CallRecord;
    const { id, repricing, repriced_cost, score_micro } = repriced.get(sequence)!;
    if (idText(id) !== record.id) throw new Error(`the ledger holds another call than ${idText(id)} at ${sequence}`);
    const score = score_micro === null ? {} : { score: Number(score_micro) / 1e6 };
    if (repricing === null) return { sequence, record, ...score };
    const cost = repriced_cost === null ? null : Number(repriced_cost);
    return { sequence, record, repriced: { repricing: Number(repricing), cost }, ...score };
  });
}
