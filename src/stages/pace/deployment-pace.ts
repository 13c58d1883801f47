/** A provider that does not say how long to wait is left alone this long, ms. */
const pauseMs = 1000;
/** Longest pause a provider can ask for, ms. */
const maxPauseMs = 10 * 60_000;

/**
 * How many calls one deployment may have at one time: as many as come, until it answers 429. Then half of what were under way and none until it
 * has rested; each good answer after that gives a little more, until the bound binds nobody. Times: monotonic ms.
 */
export class DeploymentPace {
  #inFlight = 0;
  /** `Infinity`: unbounded. */
  #limit = Infinity;
  #restsUntilMs = 0;
  /** Calls at one time when it said no: from there on the bound is lifted. */
  #enough = 0;

  /** How long a call must wait at least; 0: it may go. `undefined`: until another has ended. */
  waitMs(nowMs: number): number | undefined {
    if (nowMs < this.#restsUntilMs) return this.#restsUntilMs - nowMs;
    return this.#inFlight < this.#limit ? 0 : undefined;
  }

  /** Whether nothing need be remembered of it. */
  get isFree(): boolean {
    return this.#limit === Infinity && this.#inFlight === 0;
  }

  get limit(): number {
    return this.#limit;
  }

  began(): void {
    this.#inFlight += 1;
  }

  ended(): void {
    this.#inFlight -= 1;
  }

  /** It answered 429. `retryAfterMs`: as it asked. */
  limited(retryAfterMs: number | undefined, nowMs: number): void {
    const isNews = nowMs >= this.#restsUntilMs; // of calls sent together, the first says it for all
    this.#restsUntilMs = Math.max(this.#restsUntilMs, nowMs + Math.min(maxPauseMs, retryAfterMs ?? pauseMs));
    if (!isNews) return;
    this.#enough = Math.max(this.#enough, this.#inFlight);
    this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, this.#inFlight) / 2));
  }

  /** It answered well. */
  good(): void {
    if (this.#limit === Infinity) return;
    this.#limit += 1 / Math.max(1, this.#limit);
    if (this.#limit <= 2 * this.#enough) return;
    this.#limit = Infinity;
    this.#enough = 0;
  }
}
