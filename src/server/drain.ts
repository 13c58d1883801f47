import type { Valve } from '../core/flow.ts';
import { aborted } from '../core/flow.ts';

/** How far a reply is read on after its client has left. */
export interface DrainLimits {
  readonly maxMs: number;
  readonly maxBytes: number;
  /** Replies drained at once; one more is cancelled. */
  readonly maxConcurrent: number;
}

/** Replies read to their end for the exact usage, with nobody to send them to: bounded in time, bytes and number. */
export class Drains {
  readonly #limits: () => DrainLimits;
  readonly #valves = new Set<Valve>();
  #idle = (): void => {};

  constructor(limits: () => DrainLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#valves.size;
  }

  /** Takes over a reply: tells how many bytes came, and when it ended. Beyond a limit the valve is closed. */
  start(valve: Valve): { bytes(count: number): void; end(): void } {
    const { maxMs, maxBytes, maxConcurrent } = this.#limits();
    if (this.#valves.size >= maxConcurrent) {
      valve.abort(aborted());
      return { bytes: () => {}, end: () => {} };
    }
    this.#valves.add(valve);
    const timer = setTimeout(() => valve.abort(aborted()), maxMs).unref();
    let left = maxBytes;
    valve.resume();
    return {
      bytes: (count) => {
        left -= count;
        if (left < 0) valve.abort(aborted());
      },
      end: () => {
        this.#valves.delete(valve);
        clearTimeout(timer);
        if (this.#valves.size === 0) this.#idle();
      },
    };
  }

  /** Resolves when nothing is read on any more; what is left after `graceMs` is cut. */
  async close(graceMs: number): Promise<void> {
    if (this.#valves.size === 0) return;
    const cut = setTimeout(() => this.#cut(), graceMs);
    await new Promise<void>((resolve) => (this.#idle = resolve));
    clearTimeout(cut);
  }

  #cut(): void {
    for (const valve of this.#valves) valve.abort(aborted());
  }
}
