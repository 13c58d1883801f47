import { addHistogram, addToHistogram, bucketOf, histogramText } from '../../analytics/histogram.ts';
import { dayMs, hourMs } from '../../analytics/calendar.ts';
import { additiveSums } from '../../analytics/sums.ts';
import { encodedValue, kinds, modelKind, personKinds, personSums, quarterMs, seenKinds, timedLabels } from './kinds.ts';

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
  readonly sums: Float64Array;
}

/** Labels of one row of the table `dimension`, by column. */
export type Labelled = Readonly<Record<string, string | null>>;

export class Cell {
  readonly sums = new Float64Array(additiveSums.length);
  readonly latency = new Map<number, number>();
  readonly firstByte = new Map<number, number>();

  add({ sums, latency, firstByte }: Cell, isTimed = true): void {
    for (let at = 0; at < sums.length; at++) this.sums[at]! += sums[at]!;
    if (!isTimed) return;
    addHistogram(this.latency, latency);
    addHistogram(this.firstByte, firstByte);
  }
}

/** A row of a rollup by one label and the model. */
export interface TalliedRow {
  readonly kind: number;
  readonly at: number;
  readonly value: string;
  readonly model: string;
  readonly cell: Cell;
}

/** A row of `person_day`. */
export interface PersonRow {
  readonly kind: number;
  /** Start of the day, or of the quarter of it. */
  readonly day: number;
  readonly value: string;
  /** In the order of `personSums`. */
  readonly sums: Float64Array;
}

export interface SeenRow {
  readonly kind: number;
  readonly day: number;
  readonly value: string;
  calls: number;
}

const personPlaces = personSums.map((sum) => additiveSums.indexOf(sum));

/** Sums calls for all rollups at once. `sign` -1 takes a call away again. */
export class Tally {
  /** By hour and dimension: most calls of an hour share a few. */
  readonly #byDimension = new Map<number, Map<number, Cell>>();
  readonly #persons = new Map<string, PersonRow>();
  readonly #seen = new Map<string, SeenRow>();

  add(call: FoldedCall, sign: 1 | -1): void {
    const { at, sums, durationUs, firstByteUs, user, key, task, session } = call;
    const cell = this.#cellOf(floor(at, hourMs), call.dimension);
    for (let place = 0; place < sums.length; place++) cell.sums[place]! += sign * sums[place]!;
    addToHistogram(cell.latency, bucketOf(durationUs), sign);
    if (firstByteUs !== null) addToHistogram(cell.firstByte, bucketOf(firstByteUs), sign);
    const day = floor(at, dayMs);
    const quarter = floor(at, quarterMs);
    this.#addPerson(personKinds.user.quarter, quarter, user, call, sign);
    this.#addPerson(personKinds.key.quarter, quarter, key, call, sign);
    if (task !== null) this.#see(seenKinds.task, day, task, sign);
    if (session !== null) this.#see(seenKinds.session, day, session, sign);
  }

  hours(labelsOf: (dimension: number) => Labelled): readonly TalliedRow[] {
    const rows = new Map<string, TalliedRow>();
    for (const [hour, cells] of this.#byDimension) for (const [dimension, cell] of cells) spread(rows, hour, labelsOf(dimension), cell);
    return [...rows.values()];
  }

  /** Quarters of days, then days. */
  persons(): Iterable<PersonRow> {
    const quarters = [...this.#persons.values()];
    const days = new Map<string, PersonRow>();
    for (const { kind, day, value, sums } of quarters) {
      const whole = personRow(
        days,
        kind === personKinds.user.quarter ? personKinds.user.day : personKinds.key.day,
        floor(day, dayMs),
        value,
      );
      for (let at = 0; at < sums.length; at++) whole.sums[at]! += sums[at]!;
    }
    return [...quarters, ...days.values()];
  }

  seen(): Iterable<SeenRow> {
    return this.#seen.values();
  }

  #cellOf(hour: number, dimension: number): Cell {
    let cells = this.#byDimension.get(hour);
    if (!cells) this.#byDimension.set(hour, (cells = new Map<number, Cell>()));
    let cell = cells.get(dimension);
    if (!cell) cells.set(dimension, (cell = new Cell()));
    return cell;
  }

  #addPerson(kind: number, day: number, name: string | null, { sums }: FoldedCall, sign: number): void {
    const row = personRow(this.#persons, kind, day, encodedValue(name));
    for (let at = 0; at < personPlaces.length; at++) row.sums[at]! += sign * sums[personPlaces[at]!]!;
  }

  #see(kind: number, day: number, value: string, sign: number): void {
    const identity = `${kind} ${day} ${value}`;
    const row = this.#seen.get(identity);
    if (row) row.calls += sign;
    else this.#seen.set(identity, { kind, day, value, calls: sign });
  }
}

function personRow(rows: Map<string, PersonRow>, kind: number, day: number, value: string): PersonRow {
  const identity = `${kind} ${day} ${value}`;
  let row = rows.get(identity);
  if (!row) rows.set(identity, (row = { kind, day, value, sums: new Float64Array(personSums.length) }));
  return row;
}

/** Rows of hours by days. */
export function daysOf(hours: readonly TalliedRow[]): Iterable<TalliedRow> {
  const rows = new Map<string, TalliedRow>();
  for (const { kind, at, value, model, cell } of hours) rowIn(rows, kind, floor(at, dayMs), value, model).cell.add(cell);
  return rows.values();
}

const floor = (at: number, lengthMs: number): number => Math.floor(at / lengthMs) * lengthMs;

function rowIn(rows: Map<string, TalliedRow>, kind: number, at: number, value: string, model: string): TalliedRow {
  const identity = `${kind} ${at} ${value.length} ${value}${model}`;
  let row = rows.get(identity);
  if (!row) rows.set(identity, (row = { kind, at, value, model, cell: new Cell() }));
  return row;
}

function spread(rows: Map<string, TalliedRow>, hour: number, labels: Labelled, cell: Cell): void {
  const model = labels['model'] ?? '';
  rowIn(rows, modelKind, hour, '', model).cell.add(cell);
  for (const [label, { number, column }] of kinds)
    rowIn(rows, number, hour, encodedValue(labels[column] ?? null), model).cell.add(cell, timedLabels.has(label));
}

/** Columns of a row behind its four keys. */
export const cellValues = ({ sums, latency, firstByte }: Cell): (number | string)[] => [
  ...sums,
  latency.size === 0 ? '' : histogramText(latency),
  firstByte.size === 0 ? '' : histogramText(firstByte),
];
