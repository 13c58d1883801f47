import { StoreLimitError } from '../../core/store-errors.ts';
import type { Counter, CounterState, Owner } from '../../core/stores.ts';
import { storeLimits, type Retention } from '../limits.ts';
import { sweeper } from './sweep.ts';

/** What one owner said of one counter. `lease` includes `spent`. `open`: it died holding more than it stated. */
export interface Row {
  spent: number;
  lease: number;
  open: boolean;
}

export interface Entry {
  readonly id: string;
  /** By all owners, and by operators. */
  spent: number;
  /** `spent` and what is held: the limit less this is free. */
  leased: number;
  endsAt: number | undefined;
  readonly rows: Map<Owner, Row>;
}

export interface Life {
  expiresAt: number;
  diedAt: number | undefined;
  readonly counters: Set<string>;
}

export interface CountersOptions extends Retention {
  /** Epoch ms that never goes back. */
  readonly now: () => number;
  /** Told of each counter and owner that changed or went, for engines that write them down. */
  readonly changed: { readonly counter: (id: string) => void; readonly owner: (owner: Owner) => void };
}

/** The accounts of a lender, and what may be done to one of them. */
export function createBook(options: CountersOptions) {
  const { now, changed } = options;
  const entries = new Map<string, Entry>();
  const lives = new Map<Owner, Life>();
  const sweep = sweeper(options, entries, lives);

  const entryOf = ({ id, endsAt }: Pick<Counter, 'id' | 'endsAt'>): Entry => {
    let entry = entries.get(id);
    if (!entry) {
      if (entries.size >= storeLimits.counters) throw new StoreLimitError(`more than ${storeLimits.counters} counters`);
      entries.set(id, (entry = { id, spent: 0, leased: 0, endsAt, rows: new Map() }));
    }
    entry.endsAt = endsAt;
    return entry;
  };
  const lifeOf = (owner: Owner): Life => {
    let life = lives.get(owner);
    if (!life) lives.set(owner, (life = { expiresAt: 0, diedAt: now(), counters: new Set() }));
    return life;
  };
  const renew = (owner: Owner, ttlMs: number): Life => {
    const life = lifeOf(owner);
    if (life.diedAt !== undefined) for (const id of life.counters) entries.get(id)!.rows.get(owner)!.open = false;
    life.diedAt = undefined;
    life.expiresAt = now() + ttlMs;
    sweep.expires(life.expiresAt);
    changed.owner(owner);
    return life;
  };
  const rowOf = (owner: Owner, life: Life, entry: Entry): Row => {
    let row = entry.rows.get(owner);
    if (!row) entry.rows.set(owner, (row = { spent: 0, lease: 0, open: false }));
    life.counters.add(entry.id);
    return row;
  };
  const write = (entry: Entry, row: Row, spent: number, lease: number): void => {
    entry.spent += spent - row.spent;
    entry.leased += lease - row.lease;
    row.spent = spent;
    row.lease = lease;
    changed.counter(entry.id);
  };
  const stateOf = (id: string): CounterState => {
    const entry = entries.get(id);
    return { id, spent: entry?.spent ?? 0, held: entry ? entry.leased - entry.spent : 0 };
  };

  return { entries, lives, sweep, entryOf, lifeOf, renew, rowOf, write, stateOf };
}
