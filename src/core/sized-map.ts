export interface SizedMapOptions<V> {
  /** @default as many as there is room for */
  readonly maxEntries?: number;
  readonly maxBytes: number;
  /** Hears of each entry that goes, however it does. */
  readonly dropped?: (value: V, key: string) => void;
}

interface Entry<V> {
  readonly value: V;
  bytes: number;
}

/** A map within bounds of entries and bytes: what was put or used longest ago goes first. A class, because it is nothing but hidden state. */
export class SizedMap<V> {
  readonly #options: SizedMapOptions<V>;
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  constructor(options: SizedMapOptions<V>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** Is no use of it. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** In the place of what was there. Others go until it fits, and itself when it never does. */
  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    this.#shrink();
  }

  /** An entry has become larger by so much. */
  grow(key: string, bytes: number): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.bytes += bytes;
    this.#bytes += bytes;
    this.#shrink();
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    this.#options.dropped?.(entry.value, key);
  }

  #shrink(): void {
    const { maxEntries = Infinity, maxBytes } = this.#options;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes) return;
      this.delete(oldest);
    }
  }
}
