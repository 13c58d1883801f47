/** Failed log-ins of one address before it has to wait, and how long a failure counts. */
export const maxFailures = 10;
export const failureWindowMs = 60_000;
/** Addresses remembered; with more at once the one heard of first is forgotten. */
export const maxAddresses = 10_000;

interface Failures {
  readonly count: number;
  readonly endsAtMs: number;
}

/** Counts failed log-ins by address, so that a token cannot be guessed at speed. */
export class Attempts {
  readonly #byAddress = new Map<string, Failures>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Ms until the address may try again; 0: at once. */
  waitMs(address: string): number {
    const failures = this.#byAddress.get(address);
    return failures && failures.count >= maxFailures ? Math.max(0, failures.endsAtMs - this.#now()) : 0;
  }

  failed(address: string): void {
    const nowMs = this.#now();
    const known = this.#byAddress.get(address);
    const isRunning = known !== undefined && known.endsAtMs > nowMs;
    this.#byAddress.delete(address);
    if (this.#byAddress.size >= maxAddresses) this.#byAddress.delete(this.#byAddress.keys().next().value!);
    this.#byAddress.set(address, {
      count: isRunning ? known.count + 1 : 1,
      endsAtMs: isRunning ? known.endsAtMs : nowMs + failureWindowMs,
    });
  }
}
