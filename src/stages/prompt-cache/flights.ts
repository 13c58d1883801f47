import type { Closable } from '../../core/pipeline.ts';

/** Prefixes that a call under way is having written: they can be read once its reply begins. */
export class Flights {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #after: (delayMs: number, then: () => void) => () => void;

  constructor(after: (delayMs: number, then: () => void) => () => void) {
    this.#after = after;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** A call that has `keys` written leaves; calls the function it returns when its reply has begun, or will not. Keys under way already are left to whoever has them. */
  begin(keys: readonly string[]): () => void {
    const own = keys.filter((key) => !this.#waiting.has(key) && this.#waiting.size < flightsMax);
    for (const key of own) this.#waiting.set(key, new Set());
    return () => {
      for (const key of own.splice(0)) {
        const waiting = this.#waiting.get(key);
        this.#waiting.delete(key);
        for (const release of waiting ?? []) release();
      }
    };
  }

  /** Waits until `key` is written, `limitMs` is over or the client has gone. */
  wait(key: string, limitMs: number, client: Closable): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (!waiting || limitMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        waiting.delete(done);
        stopTimer();
        stopListening();
        resolve();
      };
      const stopTimer = this.#after(limitMs, done);
      const stopListening = client.onClose(done);
      waiting.add(done);
    });
  }
}

/** Prefixes under way that are followed. */
export const flightsMax = 10_000;
