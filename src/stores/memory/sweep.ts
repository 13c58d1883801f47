import type { Owner } from '../../core/stores.ts';
import type { CountersOptions, Entry, Life } from './book.ts';

/** Lets owners die and forgets what has ended. Looks at all of them only when one may be due. */
export function sweeper(options: CountersOptions, entries: Map<string, Entry>, lives: Map<Owner, Life>) {
  const { now, forgetAfterMs, deadOwnersMs, changed } = options;
  const everyMs = Math.min(1000, forgetAfterMs, deadOwnersMs);
  let nextExpiry = 0;
  let nextSweep = 0;

  const die = (owner: Owner, life: Life): void => {
    life.diedAt = now();
    for (const id of life.counters) {
      const entry = entries.get(id)!;
      const row = entry.rows.get(owner)!;
      entry.leased -= row.lease - row.spent;
      row.open ||= row.lease > row.spent;
      row.lease = row.spent;
      changed.counter(id);
    }
    changed.owner(owner);
  };
  const bury = (owner: Owner, life: Life): void => {
    for (const id of life.counters) {
      entries.get(id)!.rows.delete(owner);
      changed.counter(id);
    }
    lives.delete(owner);
    changed.owner(owner);
  };
  const forget = (entry: Entry): void => {
    for (const owner of entry.rows.keys()) lives.get(owner)!.counters.delete(entry.id);
    entries.delete(entry.id);
    changed.counter(entry.id);
  };
  const expire = (at: number): void => {
    nextExpiry = Infinity;
    for (const [owner, life] of lives) {
      if (life.diedAt !== undefined) continue;
      if (life.expiresAt <= at) die(owner, life);
      else nextExpiry = Math.min(nextExpiry, life.expiresAt);
    }
  };
  const clean = (at: number): void => {
    nextSweep = at + everyMs;
    for (const entry of entries.values()) if (entry.endsAt !== undefined && entry.endsAt + forgetAfterMs <= at) forget(entry);
    for (const [owner, life] of lives)
      if (life.diedAt !== undefined && (life.counters.size === 0 || life.diedAt + deadOwnersMs <= at)) bury(owner, life);
  };
  return {
    expires: (at: number): void => {
      nextExpiry = Math.min(nextExpiry, at);
    },
    run: (): void => {
      const at = now();
      if (at >= nextExpiry) expire(at);
      if (at >= nextSweep) clean(at);
    },
  };
}
