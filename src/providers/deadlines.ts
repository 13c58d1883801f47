import { GatewayError } from '../core/errors.ts';
import type { Sink, Valve } from '../core/flow.ts';

/** How often deadlines are looked at, ms: they are minutes long, and a timer for each request would cost more than the request. */
const sweepMs = 250;

interface Deadline {
  readonly valve: Valve;
  readonly atMs: number;
}

/** Ends requests that outlast their total time. */
export class Deadlines {
  readonly #open = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  /** `undefined` when there is no limit. */
  add(valve: Valve, totalMs: number): Deadline | undefined {
    if (totalMs === 0) return undefined;
    const deadline = { valve, atMs: performance.now() + totalMs };
    this.#open.add(deadline);
    this.#timer ??= setInterval(() => this.#sweep(), sweepMs).unref();
    return deadline;
  }

  delete(deadline: Deadline | undefined): void {
    if (deadline) this.#open.delete(deadline);
  }

  /** The same sink; its end takes the deadline away. */
  until(sink: Sink, deadline: Deadline | undefined): Sink {
    if (!deadline) return sink;
    return {
      open: (valve) => sink.open(valve),
      write: (chunk) => sink.write(chunk),
      end: (error) => {
        this.#open.delete(deadline);
        sink.end(error);
      },
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    const now = performance.now();
    for (const deadline of this.#open) {
      if (deadline.atMs <= now) {
        this.#open.delete(deadline);
        deadline.valve.abort(new GatewayError('provider_timeout', 'the reply took longer than timeouts.totalMs'));
      }
    }
  }
}
