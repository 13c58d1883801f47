import type { NanoUsd } from '../../core/usage.ts';

/** Keeps what cancelled requests cost within a share of what calls cost. An unknown cost counts as an average one. */
export class HedgeCap {
  readonly #maxShare: number;
  #spent = 0;
  #extra = 0;
  #calls = 0;
  #reserved = 0;

  constructor(maxShare: number) {
    this.#maxShare = maxShare;
  }

  /** Of a known call; 1 while there is none, so that unpriced models are capped by number. */
  get #average(): number {
    return this.#calls > 0 && this.#spent > 0 ? this.#spent / this.#calls : 1;
  }

  /** Whether one more may be sent; then its expected cost is set aside until `settle`. */
  reserve(): boolean {
    const expected = this.#average;
    const after = this.#extra + (this.#reserved + 1) * expected;
    if (after > this.#maxShare * Math.max(this.#spent, this.#calls * expected)) return false;
    this.#reserved += 1;
    return true;
  }

  /** A call is over: what its attempts cost but for hedges, and, where one was reserved, what the lost one cost. `null`: unknown. */
  settle(spent: NanoUsd | null, lost?: { readonly cost: NanoUsd | null }): void {
    const average = this.#average;
    this.#calls += 1;
    this.#spent += spent ?? average;
    if (!lost) return;
    this.#reserved -= 1;
    this.#extra += lost.cost ?? average;
  }

  /** Nano-USD, as far as known. */
  get figures(): { readonly spent: number; readonly extra: number } {
    return { spent: this.#spent, extra: this.#extra };
  }
}
