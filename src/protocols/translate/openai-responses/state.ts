import type { Message } from '../../../core/canonical/message.ts';
import type { AssistantPart } from '../../../core/canonical/part.ts';

export interface ResponseStateLimits {
  /** Responses kept at most. */
  readonly maxEntries: number;
  /** Bytes of all that is kept, at most; about, see `Kept.bytes`. */
  readonly maxBytes: number;
  /** How long a response is kept after it was made. */
  readonly ttlMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What was said up to the end of one response, its answer included. */
export interface Remembered {
  /** About what it takes in memory. */
  readonly bytes: number;
  readonly messages: readonly Message[];
  /** Parts of the answers by the id of their output item: clients refer to items instead of repeating them. */
  readonly items: ReadonlyMap<string, readonly AssistantPart[]>;
}

/** What is to be remembered, not made yet: most responses are never gone on from. */
export interface Kept {
  /** About what it takes in memory. */
  readonly bytes: number;
  /** Asked at most once. */
  readonly read: () => Omit<Remembered, 'bytes'>;
}

/**
 * Conversations by the id of their last response, for clients that go on from there with `previous_response_id` while the provider keeps none.
 * In memory, bounded in number, bytes and time: the oldest go first. Messages that several responses share are kept once, but counted for each.
 */
export interface ResponseState {
  /** `undefined`: unknown, or not kept any more. */
  previous(id: string): Remembered | undefined;
  remember(id: string, kept: Kept): void;
  readonly entries: number;
  readonly bytes: number;
}

export function createResponseState(limits: ResponseStateLimits): ResponseState {
  return new MemoryState(limits);
}

interface Entry {
  kept: Kept | Remembered;
  readonly bytes: number;
  readonly expiresAtMs: number;
}

class MemoryState implements ResponseState {
  readonly #limits: ResponseStateLimits;
  /** Oldest first: all are kept equally long. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: ResponseStateLimits) {
    this.#limits = limits;
  }

  get entries(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  previous(id: string): Remembered | undefined {
    this.#expire();
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    if ('read' in entry.kept) entry.kept = { ...entry.kept.read(), bytes: entry.bytes };
    return entry.kept;
  }

  remember(id: string, kept: Kept): void {
    this.#forget(id);
    const { maxBytes, maxEntries, ttlMs, now } = this.#limits;
    const { bytes } = kept;
    if (bytes > maxBytes || maxEntries < 1) return;
    this.#entries.set(id, { kept, bytes, expiresAtMs: now() + ttlMs });
    this.#bytes += bytes;
    this.#expire();
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes) break;
      this.#forget(oldest);
    }
  }

  #expire(): void {
    const nowMs = this.#limits.now();
    for (const [id, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > nowMs) break;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
  }
}
