import { addHistogram, addToHistogram, bucketOf, histogramText } from '../../analytics/histogram.ts';
import { dayMs, hourMs } from '../../analytics/calendar.ts';
import { additiveSums } from '../../analytics/sums.ts';
import { dayKinds, encodedValue, kinds, modelKind, seenKinds } from './kinds.ts';

/** What a call adds to the rollups. */
export interface FoldedCall {
  readonly at: number;
  readonly dimension: number;
  readonly user: string | null;
  readonly key: string | null;
  readonly task: string | null;
  readonly session: string | null;
  readonly durationUs: number;
  readonly firstByteUs: number | null;
  /** In the order of `additiveSums`. */
  readonly sums: ArrayLike<number>;
}

/** Labels of one row of the table `dimension`, by column. */
export type Labelled = Readonly<Record<string, string | null>>;

export class Cell {
  readonly sums = new Float64Array(additiveSums.length);
  readonly latency = new Map<number, number>();
  readonly firstByte = new Map<number, number>();

  add({ sums, latency, firstByte }: Cell): void {
    for (let at = 0; at < sums.length; at++) this.sums[at]! += sums[at]!;
    addHistogram(this.latency, latency);
    addHistogram(this.firstByte, firstByte);
  }
}

/** A row of a rollup. */
export interface TalliedRow {
  readonly kind: number;
  readonly at: number;
  readonly value: string;
  readonly model: string;
  readonly cell: Cell;
}

export interface SeenRow {
  readonly kind: number;
  readonly day: number;
  readonly value: string;
  calls: number;
}

/** Sums calls for all rollups at once. `sign` -1 takes a call away again. */
export class Tally {
  /** By hour and dimension: most calls of an hour share a few. */
  readonly #byDimension = new Map<number, Map<number, Cell>>();
  readonly #byDay = new Map<string, TalliedRow>();
  readonly #seen = new Map<string, SeenRow>();

  add(call: FoldedCall, sign: 1 | -1): void {
    const cell = this.#cellOf(floor(call.at, hourMs), call.dimension);
    addSums(cell, call, sign);
    addToHistogram(cell.latency, bucketOf(call.durationUs), sign);
    if (call.firstByteUs !== null) addToHistogram(cell.firstByte, bucketOf(call.firstByteUs), sign);
    const day = floor(call.at, dayMs);
    addSums(rowIn(this.#byDay, dayKinds.user, day, encodedValue(call.user), '').cell, call, sign);
    addSums(rowIn(this.#byDay, dayKinds.key, day, encodedValue(call.key), '').cell, call, sign);
    if (call.task !== null) this.#see(seenKinds.task, day, call.task, sign);
    if (call.session !== null) this.#see(seenKinds.session, day, call.session, sign);
  }

  hours(labelsOf: (dimension: number) => Labelled): Iterable<TalliedRow> {
    const rows = new Map<string, TalliedRow>();
    for (const [hour, cells] of this.#byDimension) for (const [dimension, cell] of cells) spread(rows, hour, labelsOf(dimension), cell);
    return rows.values();
  }

  /** The hours of `hours` by days, and what is kept by days only. */
  days(hours: Iterable<TalliedRow>): Iterable<TalliedRow> {
    const rows = new Map(this.#byDay);
    for (const { kind, at, value, model, cell } of hours) rowIn(rows, kind, floor(at, dayMs), value, model).cell.add(cell);
    return rows.values();
  }

  seen(): Iterable<SeenRow> {
    return this.#seen.values();
  }

  #cellOf(hour: number, dimension: number): Cell {
    let cells = this.#byDimension.get(hour);
    if (!cells) this.#byDimension.set(hour, (cells = new Map()));
    let cell = cells.get(dimension);
    if (!cell) cells.set(dimension, (cell = new Cell()));
    return cell;
  }

  #see(kind: number, day: number, value: string, sign: number): void {
    const identity = `${kind} ${day} ${value}`;
    const row = this.#seen.get(identity);
    if (row) row.calls += sign;
    else this.#seen.set(identity, { kind, day, value, calls: sign });
  }
}

const floor = (at: number, lengthMs: number): number => Math.floor(at / lengthMs) * lengthMs;

function addSums({ sums }: Cell, call: FoldedCall, sign: 1 | -1): void {
  for (let at = 0; at < sums.length; at++) sums[at]! += sign * call.sums[at]!;
}

function rowIn(rows: Map<string, TalliedRow>, kind: number, at: number, value: string, model: string): TalliedRow {
  const identity = `${kind} ${at} ${value.length} ${value}${model}`;
  let row = rows.get(identity);
  if (!row) rows.set(identity, (row = { kind, at, value, model, cell: new Cell() }));
  return row;
}

function spread(rows: Map<string, TalliedRow>, hour: number, labels: Labelled, cell: Cell): void {
  const model = labels['model'] ?? '';
  rowIn(rows, modelKind, hour, '', model).cell.add(cell);
  for (const { number, column } of kinds.values()) rowIn(rows, number, hour, encodedValue(labels[column] ?? null), model).cell.add(cell);
}

/** Columns of a row behind its four keys. */
export const cellValues = ({ sums, latency, firstByte }: Cell): (number | string)[] => [
  ...sums,
  histogramText(latency),
  histogramText(firstByte),
];
