import type { CallRecord } from '../core/record.ts';
import { totalInput, totalOutput, type Buckets } from '../core/usage.ts';

/** What calls come to. Money in nano-USD. */
export interface Sums {
  readonly calls: number;
  /** Of the calls whose price is known. */
  readonly cost: number;
  readonly unpricedCalls: number;
  /** All input, cached or not; of calls whose count is known, as below. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
}

export type Draft = { -readonly [K in keyof Sums]: Sums[K] };

export const noSums = (): Draft => ({
  calls: 0,
  cost: 0,
  unpricedCalls: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
});

export function addTo(sums: Draft, cost: number | null, buckets: Buckets): void {
  sums.calls += 1;
  if (cost === null) sums.unpricedCalls += 1;
  else sums.cost += cost;
  sums.inputTokens += totalInput(buckets) ?? 0;
  sums.cacheReadTokens += buckets.cacheRead ?? 0;
  sums.cacheWriteTokens += writtenIn(buckets);
  sums.outputTokens += totalOutput(buckets) ?? 0;
}

const writtenIn = ({ cacheWrite, cacheWrite5m, cacheWrite30m, cacheWrite1h, cacheWrite12h }: Buckets): number =>
  [cacheWrite, cacheWrite5m, cacheWrite30m, cacheWrite1h, cacheWrite12h].reduce<number>((sum, tokens) => sum + (tokens ?? 0), 0);

/** Rows of one table beyond this are put together. */
export const maxRows = 500;
export const otherRows = '(others)';

/** Sums by a key; what has none stands under the empty text. */
export class Table {
  readonly #rows = new Map<string, Draft>();

  add(key: string | undefined, cost: number | null, buckets: Buckets): void {
    const name = this.#rows.has(key ?? '') || this.#rows.size < maxRows ? (key ?? '') : otherRows;
    const row = this.#rows.get(name) ?? noSums();
    this.#rows.set(name, row);
    addTo(row, cost, buckets);
  }

  get(key: string): Sums | undefined {
    return this.#rows.get(key);
  }

  keys(): readonly string[] {
    return [...this.#rows.keys()];
  }
}

/** What the stages themselves say they saved in the calls of one rehearsal. */
export interface OwnAccount {
  readonly stage: string;
  /** Calls in which it did something. */
  readonly calls: number;
  /** Nano-USD of the calls where it knows; negative: lost. */
  readonly cost: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Savings whose worth nobody knows. */
  readonly unknown: number;
  /** `estimated` as soon as one of them is. */
  readonly basis: 'measured' | 'estimated';
}

type OwnDraft = { -readonly [K in keyof OwnAccount]: OwnAccount[K] };

/** Adds up the savings that records tell, those that were `on` alone. */
export class OwnAccounts {
  readonly #stages = new Map<string, OwnDraft>();

  add({ annotations }: CallRecord): void {
    const seen = new Set<string>();
    for (const { stage, mode, cost, inputTokens, outputTokens, basis } of annotations?.savings ?? []) {
      if (mode !== 'on') continue;
      const own = this.#of(stage);
      own.cost += cost ?? 0;
      own.inputTokens += inputTokens;
      own.outputTokens += outputTokens;
      if (cost === null) own.unknown += 1;
      if (basis === 'estimated') own.basis = 'estimated';
      if (!seen.has(stage)) own.calls += 1;
      seen.add(stage);
    }
  }

  all(): readonly OwnAccount[] {
    return [...this.#stages.values()];
  }

  #of(stage: string): OwnDraft {
    const own = this.#stages.get(stage) ?? { stage, calls: 0, cost: 0, inputTokens: 0, outputTokens: 0, unknown: 0, basis: 'measured' };
    this.#stages.set(stage, own);
    return own;
  }
}
