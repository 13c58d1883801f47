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
  readonly id: string;
  kept: Kept | Remembered;
  readonly bytes: number;
  readonly expiresAtMs: number;
}

/** Entries of the queue that are gone, before it is made anew. */
const maxGone = 1024;

const nothing: Remembered = { messages: [], items: new Map(), bytes: 0 };

class MemoryState implements ResponseState {
  readonly #limits: ResponseStateLimits;
  readonly #entries = new Map<string, Entry>();
  /** Oldest first: all are kept equally long. Those that were replaced stand in it still. A map in this order would be walked over all its holes. */
  #queue: Entry[] = [];
  #head = 0;
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
    const entry: Entry = { id, kept, bytes, expiresAtMs: now() + ttlMs };
    this.#entries.set(id, entry);
    if (this.#queue.length > 2 * this.#entries.size + maxGone) this.#tidy();
    this.#queue.push(entry);
    this.#bytes += bytes;
    this.#expire();
    while (this.#entries.size > maxEntries || this.#bytes > maxBytes) this.#dropOldest();
  }

  #expire(): void {
    const nowMs = this.#limits.now();
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.expiresAtMs <= nowMs) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#queue[this.#head]!;
    this.#head += 1;
    if (this.#entries.get(oldest.id) === oldest) this.#forget(oldest.id);
    if (this.#head === this.#queue.length) this.#tidy();
  }

  #tidy(): void {
    this.#queue = this.#queue.filter((entry) => this.#entries.get(entry.id) === entry);
    this.#head = 0;
  }

  #forget(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    entry.kept = nothing; // it may stand in the queue for a while
    this.#bytes -= entry.bytes;
  }
}
