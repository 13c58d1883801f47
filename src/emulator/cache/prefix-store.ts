import { hash } from 'node:crypto';

/** Names a prefix: each link hashes what came before with one more piece. */
export const link = (before: string, content: string): string => hash('sha1', `${before}\n${content}`, 'base64').slice(0, 20);

interface Entry {
  readonly expiresAt: number;
  readonly ttlMs: number;
}

/** Which prefixes a vendor still has. Entries expire by `now`; beyond `max` the least recently used go. */
export class PrefixStore {
  readonly #entries = new Map<string, Entry>();
  readonly #max: number;
  readonly #now: () => number;

  constructor(max: number, now: () => number) {
    this.#max = max;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    if (entry.expiresAt > this.#now()) return true;
    this.#entries.delete(key);
    return false;
  }

  /** Keeps `key` for `ttlMs` from now; a longer life it already has stays. */
  put(key: string, ttlMs: number): void {
    const kept = this.#entries.get(key);
    const expiresAt = Math.max(this.#now() + ttlMs, kept?.expiresAt ?? 0);
    this.#entries.delete(key);
    if (this.#entries.size >= this.#max) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, { expiresAt, ttlMs: Math.max(ttlMs, kept?.ttlMs ?? 0) });
  }

  /** A read prolongs the life of what was read, by its own lifetime. */
  refresh(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.put(key, entry.ttlMs);
  }

  clear(): void {
    this.#entries.clear();
  }
}
