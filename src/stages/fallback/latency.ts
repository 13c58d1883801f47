/** Time over which an old latency fades, ms. */
export const fadeMs = 10_000;

/**
 * Peak EWMA of the time to the first byte: a slow sample counts at once, a quick one by and by; what is not measured fades, so that a place
 * once found slow is tried again.
 */
export class PeakLatency {
  #ms = 0;
  #atMs = 0;

  add(sampleMs: number, nowMs: number): void {
    const weight = Math.exp(-(nowMs - this.#atMs) / fadeMs);
    this.#ms = Math.max(sampleMs, this.#ms * weight + sampleMs * (1 - weight));
    this.#atMs = nowMs;
  }

  /** 0 when nothing was measured. */
  at(nowMs: number): number {
    return this.#ms * Math.exp(-(nowMs - this.#atMs) / fadeMs);
  }
}

/** Latest samples kept for a percentile. */
export const maxSamples = 128;

/** The latest times to the first byte, for a percentile. */
export class LatencySamples {
  readonly #samples = new Float64Array(maxSamples);
  #count = 0;

  add(sampleMs: number): void {
    this.#samples[this.#count % maxSamples] = sampleMs;
    this.#count += 1;
  }

  /** Nearest rank; `undefined` with fewer samples than `minSamples`. */
  percentile(percent: number, minSamples: number): number | undefined {
    const kept = Math.min(this.#count, maxSamples);
    if (kept < minSamples || kept === 0) return undefined;
    const sorted = this.#samples.slice(0, kept).sort();
    return sorted[Math.max(0, Math.ceil((percent / 100) * kept) - 1)];
  }
}
