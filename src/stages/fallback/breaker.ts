export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  /** Latest calls judged, and how old they may be, ms. */
  readonly windowCalls: number;
  readonly windowMs: number;
  /** Fewer calls are no evidence. */
  readonly minCalls: number;
  /** Share of failed calls at which it opens, %. */
  readonly failurePercent: number;
  /** Time until one call may probe, ms; doubles with each failed probe. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Good probes in a row that close it. */
  readonly probes: number;
}

/** Ties a result to the state in which its call began: a late result of an earlier state says nothing about this one. */
export interface Ticket {
  readonly era: number;
}

/**
 * Keeps calls off a deployment that fails. It follows calls in two moments, head and end, since a stream can break after a good start; so it
 * is told results instead of running the calls itself. Times are on a monotonic clock, ms.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #changed: (from: BreakerState, to: BreakerState, nowMs: number) => void;
  /** Times of the latest results, negative for failures; a ring. */
  readonly #results: Float64Array;
  #next = 0;
  #state: BreakerState = 'closed';
  #era = 0;
  #openedTimes = 0;
  #probeDueMs = 0;
  #isProbing = false;
  #goodProbes = 0;

  constructor(options: BreakerOptions, changed: (from: BreakerState, to: BreakerState, nowMs: number) => void = () => {}) {
    this.#options = options;
    this.#changed = changed;
    this.#results = new Float64Array(options.windowCalls);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** When it lets a call through again, as far as is known; in the past when it does. */
  get dueMs(): number {
    return this.#state === 'closed' ? 0 : this.#probeDueMs;
  }

  admits(nowMs: number): boolean {
    return this.#state === 'closed' || (nowMs >= this.#probeDueMs && !this.#isProbing);
  }

  /** A call begins; when it is due, as a probe. */
  begin(nowMs: number): Ticket {
    if (this.#state !== 'closed' && this.admits(nowMs)) {
      if (this.#state === 'open') this.#become('half-open', nowMs);
      this.#isProbing = true;
    }
    return { era: this.#era };
  }

  /** A call that began with `ticket` had a good head, or failed; a failure may follow a good head. */
  judge({ era }: Ticket, isGood: boolean, nowMs: number): void {
    if (era !== this.#era || this.#state === 'open') return;
    if (this.#state === 'half-open') return this.#judgeProbe(isGood, nowMs);
    this.#results[this.#next] = isGood ? nowMs : -nowMs;
    this.#next = (this.#next + 1) % this.#results.length;
    if (!isGood && this.#isFailing(nowMs)) this.#open(nowMs);
  }

  /** A call that began with `ticket` ended without saying anything about the deployment. */
  release({ era }: Ticket): void {
    if (era === this.#era) this.#isProbing = false;
  }

  #judgeProbe(isGood: boolean, nowMs: number): void {
    this.#isProbing = false;
    if (!isGood) return this.#open(nowMs);
    this.#goodProbes += 1;
    if (this.#goodProbes < this.#options.probes) return;
    this.#openedTimes = 0;
    this.#results.fill(0);
    this.#become('closed', nowMs);
  }

  #isFailing(nowMs: number): boolean {
    const { windowMs, minCalls, failurePercent } = this.#options;
    let calls = 0;
    let failures = 0;
    for (const result of this.#results) {
      if (result === 0 || nowMs - Math.abs(result) > windowMs) continue;
      calls += 1;
      if (result < 0) failures += 1;
    }
    return calls >= minCalls && failures * 100 >= failurePercent * calls;
  }

  #open(nowMs: number): void {
    const { openMs, maxOpenMs } = this.#options;
    this.#probeDueMs = nowMs + Math.min(maxOpenMs, openMs * 2 ** this.#openedTimes);
    this.#openedTimes = Math.min(this.#openedTimes + 1, 30);
    this.#become('open', nowMs);
  }

  #become(state: BreakerState, nowMs: number): void {
    const from = this.#state;
    this.#state = state;
    this.#era += 1;
    this.#isProbing = false;
    this.#goodProbes = 0;
    this.#changed(from, state, nowMs);
  }
}
