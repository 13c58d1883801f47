/** Failed log-ins of one address before it has to wait. */
export const maxFailures = 10;
/** How long a failure counts; one that was counted by all processes together counts for up to twice as long. */
export const failureWindowMs = 60_000;
/** Addresses remembered; with more at once the one heard of first is forgotten. */
export const maxAddresses = 10_000;

/** One try to log in. It counts until it has succeeded. */
export interface Attempt {
  succeeded(): void;
  failed(): void;
}

/** Counts failed log-ins by address, so that a token cannot be guessed at speed. */
export interface Attempts {
  /** A try of an address, taken before its token is looked at; or the ms it has to wait. */
  begin(address: string): Promise<Attempt | number>;
}

interface Failures {
  readonly count: number;
  readonly endsAtMs: number;
}

/** The count of this process alone. */
export class OwnAttempts implements Attempts {
  readonly #byAddress = new Map<string, Failures>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async begin(address: string): Promise<Attempt | number> {
    const waitMs = this.#waitMs(address);
    return waitMs > 0 ? waitMs : { succeeded: () => {}, failed: () => this.#failed(address) };
  }

  #waitMs(address: string): number {
    const failures = this.#byAddress.get(address);
    return failures && failures.count >= maxFailures ? Math.max(0, failures.endsAtMs - this.#now()) : 0;
  }

  #failed(address: string): void {
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
