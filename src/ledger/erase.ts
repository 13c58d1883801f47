import type { DatabaseSync } from 'node:sqlite';
import type { CallRecord, LedgerEvent } from '../core/record.ts';
import { openBodyStore } from './bodies.ts';
import { transaction } from './database.ts';
import { pack, unpack } from './frame.ts';
import { decodeLine } from './line.ts';
import { Rollups } from './query/rollups.ts';
import { withLedger } from './report.ts';

/** What was deleted of a user. */
export interface Erased {
  /** Number of the erasure; stores that follow the ledger delete by it. */
  readonly id: number;
  readonly calls: number;
  /** Feedback and other events about these calls. */
  readonly events: number;
  readonly bodies: number;
}

/** How many calls of a user the ledger in `dir` holds. */
export const heldOf = (dir: string, user: string): number =>
  withLedger(dir, (database) => Number(database.prepare('SELECT count(*) AS calls FROM call WHERE user = ?').get(user)!['calls']));

/** Calls deleted in one transaction. */
const callsAtOnce = 2000;
/** What stands for a record that was deleted, so that those behind it keep their places. */
const erasedLine = '{"type":"erased"}';

/**
 * Deletes all that the ledger in `dir` holds of a user's calls up to now: rows, rollups, whole records, feedback about them, and stored
 * bodies. A body that another user's call has in common with them goes too. Deleted pages are overwritten. The gateway deletes the
 * journal's copies within minutes, and ClickHouse's (`erasure` tells it).
 */
export const eraseUserFrom = (dir: string, user: string, nowMs: number): Erased =>
  withLedger(dir, (database) => {
    database.exec('PRAGMA secure_delete = ON');
    const { lastInsertRowid } = database.prepare('INSERT INTO erasure (at, user) VALUES (?, ?)').run(nowMs, user);
    const erasing = new Erasing(database, user);
    while (erasing.step());
    const bodies = eraseBodies(dir, erasing.bodies);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return { id: Number(lastInsertRowid), calls: erasing.calls, events: erasing.events, bodies };
  });

function eraseBodies(dir: string, hashes: ReadonlySet<string>): number {
  if (hashes.size === 0) return 0;
  const store = openBodyStore(dir);
  try {
    return store.erase(hashes);
  } finally {
    store.close();
  }
}

/** One user's calls, some at a time: the gateway writes in between. */
class Erasing {
  readonly #database: DatabaseSync;
  readonly #user: string;
  readonly #rollups: Rollups;
  readonly bodies = new Set<string>();
  calls = 0;
  events = 0;
  #last = 0;

  constructor(database: DatabaseSync, user: string) {
    this.#database = database;
    this.#user = user;
    this.#rollups = new Rollups(database);
  }

  /** @returns whether there may be more */
  step(): boolean {
    return transaction(this.#database, () => {
      const sequences = this.#database
        .prepare('SELECT sequence FROM call WHERE user = ? AND sequence > ? ORDER BY sequence LIMIT ?')
        .all(this.#user, this.#last, callsAtOnce)
        .map(({ sequence }) => Number(sequence));
      if (sequences.length === 0) return false;
      const records = this.#eraseLines(sequences);
      this.#eraseRows(sequences);
      this.#eraseEvents(records);
      this.calls += sequences.length;
      this.#last = sequences.at(-1)!;
      return sequences.length === callsAtOnce;
    });
  }

  #eraseRows(sequences: readonly number[]): void {
    const condition = 'c.user = ? AND c.sequence BETWEEN ? AND ?';
    const values = [this.#user, sequences[0]!, sequences.at(-1)!];
    this.#rollups.changing(condition, values, () => this.#database.prepare(`DELETE FROM call AS c WHERE ${condition}`).run(...values));
  }

  /** Events that speak of the calls, by themselves or by a task or session of theirs. Scores of other calls stay. */
  #eraseEvents(records: readonly CallRecord[]): void {
    const names = JSON.stringify(
      records.flatMap(({ id, labels: { task, session } }) => [id, task, session].filter((name) => name !== undefined)),
    );
    const found = this.#database
      .prepare(eventsAbout)
      .all(names)
      .map(({ sequence }) => Number(sequence));
    this.#eraseLines(found);
    const drop = this.#database.prepare('DELETE FROM event WHERE sequence = ?');
    for (const sequence of found) drop.run(sequence);
    this.events += found.length;
  }

  /** Takes lines out of the blocks that hold them, and returns the calls among them. `sequences`: rising. */
  #eraseLines(sequences: readonly number[]): readonly CallRecord[] {
    const find = this.#database.prepare(
      'SELECT first_sequence, count, encoding, payload FROM block WHERE first_sequence <= ? ORDER BY first_sequence DESC LIMIT 1',
    );
    const records: CallRecord[] = [];
    for (let at = 0; at < sequences.length;) {
      const row = find.get(sequences[at]!);
      const first = Number(row?.['first_sequence'] ?? 0);
      const end = first + Number(row?.['count'] ?? 0);
      const here: number[] = [];
      for (; at < sequences.length && (here.length === 0 || sequences[at]! < end); at++) here.push(sequences[at]!);
      if (row && here[0]! < end)
        records.push(
          ...this.#eraseFrom(
            row,
            here.map((sequence) => sequence - first),
          ),
        );
    }
    for (const { bodies } of records) for (const hash of [bodies?.request, bodies?.reply]) if (hash !== undefined) this.bodies.add(hash);
    return records;
  }

  #eraseFrom(row: Readonly<Record<string, unknown>>, places: readonly number[]): readonly CallRecord[] {
    const first = Number(row['first_sequence']);
    const lines = unpack({ encoding: Number(row['encoding']), payload: Buffer.from(row['payload'] as Uint8Array) });
    const gone = places.flatMap((place) => readable(lines[place]) ?? []);
    for (const place of places) lines[place] = erasedLine;
    const { encoding, payload } = pack(Buffer.from(`${lines.join('\n')}\n`), first, lines.length);
    this.#database.prepare('UPDATE block SET encoding = ?, payload = ? WHERE first_sequence = ?').run(encoding, payload, first);
    return gone.filter((event) => event.type === 'call');
  }
}

const eventsAbout = `
SELECT sequence FROM event WHERE coalesce(json_extract(body, '$.about.call'), json_extract(body, '$.about.task'),
  json_extract(body, '$.about.session'), json_extract(body, '$.requestId')) IN (SELECT value FROM json_each(?)) ORDER BY sequence`;

function readable(line: string | undefined): LedgerEvent | undefined {
  try {
    return line === undefined ? undefined : decodeLine(line);
  } catch {
    return undefined;
  }
}
