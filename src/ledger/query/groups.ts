import type { Group } from '../../analytics/engine.ts';
import { addHistogramText, addToHistogram, bucketOf } from '../../analytics/histogram.ts';
import { sumsOf, type AdditiveSum, type DistinctSum, type HistogramSum } from '../../analytics/sums.ts';

/** What SQL gives. */
export type Cellular = bigint | number | string | null;

interface Growing {
  readonly time: number | undefined;
  readonly keys: readonly (string | null)[];
  readonly counts: Map<string, bigint>;
  readonly histograms: Partial<Record<HistogramSum, Map<number, number>>>;
}

export interface RowColumns {
  readonly additive: readonly AdditiveSum[];
  readonly histograms: readonly HistogramSum[];
  /** Histograms come as their text, not as a list of values. */
  readonly areTexts: boolean;
}

/** Groups put together from several statements. */
export class Groups {
  readonly #hasTime: boolean;
  readonly #groups = new Map<string, Growing>();

  constructor(hasTime: boolean) {
    this.#hasTime = hasTime;
  }

  /** A row: bucket, keys, then the columns. `decoded`: which keys are labels as rollups write them. */
  addRow(row: readonly Cellular[], decoded: readonly boolean[], { additive, histograms, areTexts }: RowColumns): void {
    const columns = additive.length + histograms.length;
    const sumsAt = row.length - columns;
    if (row[sumsAt] === null) return; // sums over no rows
    const { counts, histograms: known } = this.#groupOf(row.slice(0, sumsAt), decoded);
    for (const [index, sum] of additive.entries()) counts.set(sum, (counts.get(sum) ?? 0n) + (row[sumsAt + index] as bigint));
    for (const [index, name] of histograms.entries()) {
      const text = row[sumsAt + additive.length + index];
      if (text !== null) addText((known[name] ??= new Map()), String(text), areTexts);
    }
  }

  setDistinct(row: readonly Cellular[], sum: DistinctSum): void {
    const group = this.#groups.get(identityOf(row.slice(0, -1)));
    group?.counts.set(sum, row.at(-1) as bigint);
  }

  list(): Group[] {
    return [...this.#groups.values()]
      .filter(({ counts }) => counts.get('calls') !== 0n)
      .map(({ time, keys, counts, histograms }) => ({ time, keys, sums: sumsOf(counts, histograms) }));
  }

  #groupOf(front: readonly Cellular[], decoded: readonly boolean[]): Growing {
    const first = this.#hasTime ? 1 : 0;
    const keys = front.slice(first).map((key, index) => keyOf(key, decoded[index] ?? false));
    const time = this.#hasTime ? Number(front[0]) : undefined;
    const identity = identityOf(this.#hasTime ? [time!, ...keys] : keys);
    let group = this.#groups.get(identity);
    if (!group) this.#groups.set(identity, (group = { time, keys, counts: new Map(), histograms: {} }));
    return group;
  }
}

function keyOf(value: Cellular, isDecoded: boolean): string | null {
  if (value === null) return null;
  const text = String(value);
  if (!isDecoded) return text;
  return text === '' ? null : text.slice(1);
}

function identityOf(front: readonly Cellular[]): string {
  let identity = '';
  for (const part of front) identity += part === null ? '-' : `${String(part).length}:${String(part)}`;
  return identity;
}

function addText(to: Map<number, number>, text: string, isHistogram: boolean): void {
  if (isHistogram) return addHistogramText(to, text);
  for (const value of text.split(' ')) addToHistogram(to, bucketOf(Number(value)), 1);
}
