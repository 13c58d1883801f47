import type { CounterState, LeaseAsk, LeaseGrant, Owner, Statement } from '../../core/stores.ts';
import { createBook, type CountersOptions, type Entry, type Life } from './book.ts';

/** The state of a lender, in one process, by synchronous steps. What each does is told at `Lender`. */
export interface Counters {
  lease(owner: Owner, asks: readonly LeaseAsk[]): readonly LeaseGrant[];
  state(owner: Owner, statements: readonly Statement[], ttlMs: number): readonly number[];
  correct(owner: Owner, statements: readonly Statement[]): void;
  set(id: string, spent: number): void;
  read(ids: readonly string[]): readonly CounterState[];
  list(prefix: string, limit: number): readonly CounterState[];
  expired(): readonly { readonly owner: Owner; readonly counters: readonly string[] }[];
  readonly entries: Map<string, Entry>;
  readonly lives: Map<Owner, Life>;
}

export function createCounters(options: Omit<CountersOptions, 'changed'> & Partial<Pick<CountersOptions, 'changed'>>): Counters {
  const { now, changed = silent, forgetAfterMs } = options;
  const book = createBook({ ...options, changed });
  const { entries, lives, sweep, entryOf, lifeOf, renew, rowOf, write, stateOf } = book;
  /** Whether a statement says nothing that is not so already, or comes too late to matter. */
  const isIdle = ({ counter, spent }: Statement): boolean =>
    !entries.has(counter.id) && (spent === 0 || (counter.endsAt ?? Infinity) + forgetAfterMs <= now());
  return {
    ...readingOf(book),
    entries,
    lives,
    lease(owner, asks) {
      sweep.run();
      const life = renew(owner, Math.max(0, ...asks.map(({ ttlMs }) => ttlMs)));
      const fits = asks.every(({ counter, least }) => (entries.get(counter.id)?.leased ?? 0) + least <= counter.limit);
      return asks.map(({ counter, wanted }) => {
        const free = fits ? counter.limit - (entries.get(counter.id)?.leased ?? 0) : 0;
        const granted = Math.max(0, Math.min(wanted, free));
        if (granted > 0) {
          const entry = entryOf(counter);
          const row = rowOf(owner, life, entry);
          write(entry, row, row.spent, row.lease + granted);
        }
        return { granted, state: stateOf(counter.id) };
      });
    },
    state(owner, statements, ttlMs) {
      sweep.run();
      const life = renew(owner, ttlMs);
      return statements.map((statement) => {
        if (isIdle(statement)) return 0;
        const entry = entryOf(statement.counter);
        const row = rowOf(owner, life, entry);
        const spent = Math.max(row.spent, statement.spent);
        const lease = Math.max(spent, Math.min(row.lease, statement.spent + statement.keep));
        write(entry, row, spent, lease);
        return lease - spent;
      });
    },
    correct(owner, statements) {
      sweep.run();
      const life = lifeOf(owner);
      for (const { counter, spent, keep } of statements) {
        const entry = entryOf(counter);
        const row = rowOf(owner, life, entry);
        write(entry, row, spent, spent + Math.min(keep, row.lease - row.spent));
      }
      for (const id of life.counters) {
        entries.get(id)!.rows.get(owner)!.open = false;
        changed.counter(id);
      }
      changed.owner(owner);
    },
    set(id, spent) {
      sweep.run();
      const entry = entryOf({ id, endsAt: entries.get(id)?.endsAt });
      entry.leased += spent - entry.spent;
      entry.spent = spent;
      changed.counter(id);
    },
  };
}

function readingOf({ entries, lives, sweep, stateOf }: ReturnType<typeof createBook>): Pick<Counters, 'read' | 'list' | 'expired'> {
  return {
    read(ids) {
      sweep.run();
      return ids.map(stateOf);
    },
    list(prefix, limit) {
      sweep.run();
      const ids = [...entries.keys()].filter((id) => id.startsWith(prefix));
      return ids.sort(byBytes).slice(0, limit).map(stateOf);
    },
    expired() {
      sweep.run();
      return [...lives].flatMap(([owner, life]) => {
        if (life.diedAt === undefined) return [];
        const counters = [...life.counters].filter((id) => entries.get(id)!.rows.get(owner)!.open);
        return counters.length === 0 ? [] : [{ owner, counters: counters.sort(byBytes) }];
      });
    },
  };
}

const silent = { counter: () => {}, owner: () => {} };

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
