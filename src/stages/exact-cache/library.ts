import { newId } from '../../core/id.ts';
import type { Scope } from '../../core/pipeline.ts';
import { SizedMap } from '../../core/sized-map.ts';
import { decodeEntry, encodeEntry, openBytes, type Entry } from './entry.ts';
import type { Plan } from './plan.ts';
import type { ExactCacheOptions } from './settings.ts';

/** Kept replies: those used last in this process, all in the store. A store that is away is done without, and said once until it is back. */
export class Library {
  readonly #options: Pick<ExactCacheOptions, 'store' | 'revision' | 'now'>;
  /** Opened: a hit among them asks no store. */
  readonly #recent: SizedMap<Entry>;
  readonly #asked = new Map<string, Promise<Entry | undefined>>();
  #isAway = false;

  constructor(options: Pick<ExactCacheOptions, 'store' | 'revision' | 'now' | 'maxBytes'>) {
    this.#options = options;
    this.#recent = new SizedMap({ maxBytes: options.maxBytes });
  }

  /** The reply kept for a call, when it is young enough; at once when this process has it open. */
  find(plan: Plan, scope: Scope): Entry | undefined | Promise<Entry | undefined> {
    const recent = this.#recent.get(plan.key);
    if (recent && this.#ageMs(recent) <= plan.policy.ttlMs) return this.#isYoung(recent, plan) ? recent : undefined;
    if (recent) this.#recent.delete(plan.key);
    return this.#stored(plan, scope);
  }

  /** The same out of this process alone. */
  opened(plan: Plan): Entry | undefined {
    const recent = this.#recent.get(plan.key);
    return recent && this.#ageMs(recent) <= plan.policy.ttlMs && this.#isYoung(recent, plan) ? recent : undefined;
  }

  async #stored(plan: Plan, scope: Scope): Promise<Entry | undefined> {
    const entry = await (this.#asked.get(plan.key) ?? this.#ask(plan.key, scope));
    if (!entry || this.#ageMs(entry) > plan.policy.ttlMs) return undefined;
    this.#recent.set(plan.key, entry, openBytes(entry));
    return this.#isYoung(entry, plan) ? entry : undefined;
  }

  /** Asks the store once for all who want the same at one time. */
  #ask(key: string, scope: Scope): Promise<Entry | undefined> {
    const { store, revision } = this.#options;
    const asked = this.#tried(scope, async () => {
      const stored = await store.get(key);
      return stored && decodeEntry(stored, key, revision);
    }).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  /** Calls when nobody waits any more for what the store said before now: such an answer may not know of what was put since. */
  whenFound(key: string, then: () => void): void {
    const asked = this.#asked.get(key);
    if (asked) void asked.finally(() => setImmediate(then)); // those who waited go first
    else then();
  }

  async keep({ key, policy: { ttlMs } }: Plan, entry: Entry, scope: Scope): Promise<void> {
    const { store, revision } = this.#options;
    this.#recent.set(key, entry, openBytes(entry));
    await this.#tried(scope, () => store.put(key, encodeEntry(entry, key, revision), ttlMs));
  }

  ageMs = (entry: Entry): number => Math.max(0, this.#ageMs(entry));

  #ageMs(entry: Entry): number {
    return this.#options.now() - entry.storedAt;
  }

  #isYoung(entry: Entry, { directives: { maxAgeMs } }: Plan): boolean {
    return this.#ageMs(entry) <= maxAgeMs;
  }

  async #tried<T>(scope: Scope, work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.#isAway = false;
      return result;
    } catch (error) {
      if (!this.#isAway) noteAway(scope, error);
      this.#isAway = true;
      return undefined;
    }
  }
}

function noteAway({ record, requestId }: Scope, error: unknown): void {
  const at = Date.now();
  record({ type: 'stage.skipped', id: newId(at), requestId, at, stage: 'exact-cache', reason: String(error) });
}
