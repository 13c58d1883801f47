import { Lru } from './lru.ts';

/** Prefixes, and conversations, that are remembered. */
export const prefixesMax = 100_000;
export const conversationsMax = 50_000;

interface Stored {
  readonly expiresAt: number;
  readonly ttlMs: number;
  /** The client's own marks alone would have kept it. */
  readonly byClient: boolean;
}

/** What a conversation has cost so far, in tokens of plain input, with us and as the client alone would have paid. */
export interface Account {
  readonly depth: number;
  readonly lastAt: number;
  readonly paid: number;
  readonly alone: number;
}

/** Which prefixes providers should still have, and how conversations stand. Bounded; times are epoch ms. */
export class PrefixMemory {
  readonly #stored = new Lru<Stored>(prefixesMax);
  readonly #accounts = new Lru<Account>(conversationsMax);

  /** Whether it is kept. `alone`: by the client's marks alone. */
  has(key: string, now: number, alone = false): boolean {
    const stored = this.#stored.get(key);
    return stored !== undefined && stored.expiresAt > now && (!alone || stored.byClient);
  }

  /** It was written, or read: then it lives on for its own lifetime. */
  keep(key: string, now: number, ttlMs: number, byClient: boolean): void {
    const known = this.#stored.get(key);
    const longest = Math.max(ttlMs, known && known.expiresAt > now ? known.ttlMs : 0);
    this.#stored.set(key, { expiresAt: now + longest, ttlMs: longest, byClient: byClient || (known?.byClient ?? false) });
  }

  refresh(key: string, now: number): void {
    const known = this.#stored.get(key);
    if (known) this.#stored.set(key, { ...known, expiresAt: now + known.ttlMs });
  }

  forget(key: string): void {
    this.#stored.delete(key);
  }

  account(key: string): Account | undefined {
    return this.#accounts.get(key);
  }

  setAccount(key: string, account: Account): void {
    this.#accounts.set(key, account);
  }
}
