/** Doublings of a second that are told apart: up to about a day and a half. */
const steps = 18;

/** How long it takes until a prefix is asked for again. Ages, so that it follows what traffic does now. */
export class Gaps {
  readonly #counts = new Float64Array(steps);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  seen(gapMs: number): void {
    if (this.#total >= maxSamples) this.#age();
    this.#counts[stepOf(gapMs)]! += 1;
    this.#total += 1;
  }

  /** Share of gaps no longer than `ms`, by linear interpolation inside a step. `prior`: what is assumed of the first few. */
  within(ms: number, prior = 1): number {
    const last = stepOf(ms);
    let sum = priorSamples * prior;
    for (let step = 0; step < last; step += 1) sum += this.#counts[step]!;
    const from = last === 0 ? 0 : 1000 * 2 ** (last - 1);
    const part = Math.min(1, (ms - from) / (1000 * 2 ** last - from));
    return (sum + this.#counts[last]! * part) / (this.#total + priorSamples);
  }

  #age(): void {
    this.#total = 0;
    for (let step = 0; step < steps; step += 1) this.#total += this.#counts[step] = this.#counts[step]! / 2;
  }
}

const maxSamples = 512;
const priorSamples = 2;
const stepOf = (ms: number): number => Math.min(steps - 1, Math.max(0, Math.ceil(Math.log2(Math.max(1, ms) / 1000))));
