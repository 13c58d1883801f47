import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Annotations } from '../core/record.ts';

/** What one owner booked on a counter. */
export interface OwnerTotal {
  readonly counter: string;
  readonly spent: number;
  /** Epoch ms; `undefined`: the counter never ends. */
  readonly endsAt: number | undefined;
}

/** As far as the tables say; empty: they know nothing of it. */
export const totalsOf = (database: DatabaseSync, owner: string): readonly OwnerTotal[] =>
  database
    .prepare('SELECT counter, spent, ends_at FROM owner_spent WHERE owner = ? ORDER BY counter')
    .all(owner)
    .map((row) => ({
      counter: String(row['counter']),
      spent: Number(row['spent']),
      endsAt: row['ends_at'] === null ? undefined : Number(row['ends_at']),
    }));

type Booked = NonNullable<Annotations['booked']>;

/** Sums what budgets booked in the transaction under way, so that each counter is written once for many calls. */
export class OwnerSums {
  readonly #add: StatementSync;
  readonly #sums = new Map<string, Map<string, { spent: number; endsAt: number | null; at: number }>>();

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      'INSERT INTO owner_spent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET spent = spent + excluded.spent, ends_at = excluded.ends_at, at = max(at, excluded.at)',
    );
  }

  add({ owner, spent }: Booked, at: number): void {
    let counters = this.#sums.get(owner);
    if (!counters) this.#sums.set(owner, (counters = new Map()));
    for (const [counter, [amount, endsAt = null]] of Object.entries(spent)) {
      const sum = counters.get(counter);
      if (!sum) counters.set(counter, { spent: amount, endsAt, at });
      else {
        sum.spent += amount;
        sum.endsAt = endsAt;
        sum.at = Math.max(sum.at, at);
      }
    }
  }

  write(): void {
    for (const [owner, counters] of this.#sums)
      for (const [counter, { spent, endsAt, at }] of counters) this.#add.run(owner, counter, spent, endsAt, at);
    this.forget();
  }

  /** The transaction did not come to be. */
  forget(): void {
    this.#sums.clear();
  }
}
