/**
 * Bounds how many calls are repeated after an attempt that may have been billed: each call adds its share, each repetition takes one. So in
 * an outage retries cost a fixed share more, however many calls fail.
 */
export class RetryBudget {
  readonly #share: number;
  readonly #burst: number;
  #tokens: number;

  /** `percent` of all calls, and `burst` in a row before that counts. */
  constructor({ percent, burst }: { readonly percent: number; readonly burst: number }) {
    this.#share = percent / 100;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** A call has come in. */
  earn(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + this.#share);
  }

  /** Whether a call may be repeated; then it is counted. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Few calls are being repeated. */
  get isAmple(): boolean {
    return this.#tokens >= 1 && this.#tokens >= this.#burst / 2;
  }

  get tokens(): number {
    return this.#tokens;
  }
}
