import type { DatabaseSync } from 'node:sqlite';
import { deleteSegments } from './retention.ts';
import { segmentsOf } from './segments.ts';
import { journalsOf } from './worker-journals.ts';

interface Sweeping {
  /** The newest erasure it is for. */
  readonly erasure: number;
  /** By the directory of a journal: the last segment that may hold records from before it. */
  readonly last: ReadonlyMap<string, number>;
}

/** Deletes what the journal still holds of users that were erased. */
export class ErasedJournal {
  readonly #dir: string;
  readonly #database: DatabaseSync;
  #sweeping: Sweeping | undefined;

  constructor(dir: string, database: DatabaseSync) {
    this.#dir = dir;
    this.#database = database;
  }

  /**
   * All segments from before the last erasure go, however young they are, once the tables hold them. `rotate`: begins a new segment, and
   * brings the tables up to the journal. Segments that other processes write to go when those are full.
   */
  sweep(rotate: () => void): void {
    this.#forget();
    const erasure = this.#uncleared();
    if (erasure === undefined) return;
    if (this.#sweeping?.erasure !== erasure) {
      this.#sweeping = { erasure, last: this.#lastSegments() };
      rotate();
    }
    const { last } = this.#sweeping;
    for (const journal of journalsOf(this.#dir)) deleteSegments(journal, this.#database, Infinity);
    const isClear = [...last].every(([dir, segment]) => segmentsOf(dir).every((number) => number > segment));
    if (isClear) this.#database.prepare('UPDATE erasure SET journal_cleared = 1 WHERE id <= ?').run(erasure);
  }

  /** Once nobody needs to know any more who was erased, the name goes too. */
  #forget(): void {
    const done = 'journal_cleared = 1 AND id <= (SELECT coalesce(min(erasure), 9e15) FROM sink)';
    if (!this.#database.prepare(`SELECT 1 FROM erasure WHERE ${done}`).get()) return;
    this.#database.exec(`PRAGMA secure_delete = ON; DELETE FROM erasure WHERE ${done}; PRAGMA secure_delete = OFF`);
  }

  #uncleared(): number | undefined {
    const row = this.#database.prepare('SELECT max(id) AS id FROM erasure WHERE journal_cleared = 0').get();
    return row?.['id'] == null ? undefined : Number(row['id']);
  }

  #lastSegments(): ReadonlyMap<string, number> {
    return new Map(journalsOf(this.#dir).map(({ dir }) => [dir, segmentsOf(dir).at(-1) ?? 0]));
  }
}
