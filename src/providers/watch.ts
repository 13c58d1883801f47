import { GatewayError } from '../core/errors.ts';

/** How often waits are looked at, ms: limits are seconds to minutes long, and timers of their own for each request would cost a tenth of it. */
export const sweepMs = 250;

/** The most that one sweep adds to the clock, ms: while this thread is held up, providers are not the ones who are late. */
const maxStepMs = 2 * sweepMs;

/** Something that may wait too long. */
export interface Watched {
  /** Why it is over time, if it is. `nowMs`: on the clock of `Watch.nowMs`. */
  overdue(nowMs: number): GatewayError | undefined;
  abort(reason: Error): void;
}

/**
 * Ends exchanges that outlast their limits. One coarse clock and one sweep for all of them.
 * Slots in an array, not a Set: V8 chains a Set's old tables to the new ones, which kept finished requests alive until
 * the next full collection and doubled the cost of a small request.
 */
export class Watch {
  readonly #slots: (Watched | undefined)[] = [];
  readonly #free: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sweptMs = performance.now();
  #nowMs = this.#sweptMs;

  /** Coarse: as of the last sweep, so up to `sweepMs` behind; and it stands still while this thread does. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Returns the slot, for `release`. */
  add(watched: Watched): number {
    this.#timer ??= this.#start();
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = watched;
    return slot;
  }

  release(slot: number): void {
    this.#slots[slot] = undefined;
    this.#free.push(slot);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): NodeJS.Timeout {
    this.#nowMs = this.#sweptMs = performance.now();
    return setInterval(() => this.#sweep(), sweepMs).unref();
  }

  #sweep(): void {
    const sweptMs = performance.now();
    this.#nowMs += Math.min(sweptMs - this.#sweptMs, maxStepMs);
    this.#sweptMs = sweptMs;
    for (const watched of this.#slots) {
      const reason = watched?.overdue(this.#nowMs);
      if (reason) watched?.abort(reason);
    }
  }
}
