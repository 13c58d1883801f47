import type { Message } from '../../../core/canonical/message.ts';
import type { AssistantPart } from '../../../core/canonical/part.ts';
import type { HeldTexts } from '../held-texts.ts';

export interface ResponseStateLimits {
  /** Responses kept at most. */
  readonly maxEntries: number;
  /** Bytes of all that is kept, at most; about, see `sizeOf`. */
  readonly maxBytes: number;
  /** How long a response is kept after it was made. */
  readonly ttlMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What was said up to the end of one response, its answer included. */
export interface Remembered {
  readonly messages: readonly Message[];
  /** Parts of the answers by the id of their output item: clients refer to items instead of repeating them. */
  readonly items: ReadonlyMap<string, readonly AssistantPart[]>;
}

/**
 * Conversations by the id of their last response, for clients that go on from there with `previous_response_id` while the provider keeps none.
 * In memory, bounded in number, bytes and time: the oldest go first. Messages that several responses share are kept once, but counted for each.
 */
export interface ResponseState {
  /** `undefined`: unknown, or not kept any more. */
  previous(id: string): Remembered | undefined;
  /** The parts of an output item of any response that is kept. */
  item(id: string): readonly AssistantPart[] | undefined;
  /** `held`: texts of the messages that were not parsed. */
  remember(id: string, messages: readonly Message[], items?: Remembered['items'], held?: HeldTexts): void;
  readonly entries: number;
  readonly bytes: number;
}

export function createResponseState(limits: ResponseStateLimits): ResponseState {
  return new MemoryState(limits);
}

interface Entry extends Remembered {
  /** Texts of the messages that nobody has asked for yet. */
  readonly held?: HeldTexts | undefined;
  readonly bytes: number;
  readonly expiresAtMs: number;
}

class MemoryState implements ResponseState {
  readonly #limits: ResponseStateLimits;
  /** Oldest first: all are kept equally long. */
  readonly #entries = new Map<string, Entry>();
  readonly #items = new Map<string, readonly AssistantPart[]>();
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
    if (!entry?.held) return entry;
    const parsed = { ...entry, messages: entry.held.messages(entry.messages), held: undefined };
    this.#entries.set(id, parsed);
    return parsed;
  }

  item(id: string): readonly AssistantPart[] | undefined {
    this.#expire();
    return this.#items.get(id);
  }

  remember(id: string, messages: readonly Message[], items: Remembered['items'] = new Map(), held?: HeldTexts): void {
    this.#forget(id);
    const { maxBytes, maxEntries, ttlMs, now } = this.#limits;
    const bytes = sizeOf(messages) + 2 * (held?.sizeBytes ?? 0);
    if (bytes > maxBytes || maxEntries < 1) return;
    this.#entries.set(id, { messages, items, held, bytes, expiresAtMs: now() + ttlMs });
    for (const [item, parts] of items) this.#items.set(item, parts);
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
    for (const item of entry.items.keys()) this.#items.delete(item);
  }
}

/** Bytes that are counted for each object or list beside its texts. */
const objectBytes = 64;

/** About what a value takes in memory: two bytes for each UTF-16 unit of its texts, and something for each object. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = objectBytes;
  for (const key in value) bytes += sizeOf((value as Readonly<Record<string, unknown>>)[key]);
  return bytes;
}
