import { promptParts } from '../core/record.ts';
import { bucketStarts } from './calendar.ts';
import { checkedQuery } from './check.ts';
import { figureOf, needsOf, shown, type Figure } from './measures.ts';
import {
  maxRows,
  measures,
  type Answer,
  type Dimension,
  type Filter,
  type Measure,
  type Query,
  type QueryEngine,
  type QueryRow,
  type TimeBucket,
} from './query.ts';
import { partSum, sumsOf, type SumName, type Sums } from './sums.ts';

/** What an engine is asked for: sums over the calls of a span, one set for each group that has calls. */
export interface SumsRequest {
  readonly needs: ReadonlySet<SumName>;
  /** Without `part`, which a source never sees. */
  readonly dimensions: readonly Dimension[];
  readonly filters: readonly Filter[];
  /** Epoch ms; from included, to excluded. */
  readonly from: number;
  readonly to: number;
  readonly bucket: TimeBucket | undefined;
  /** IANA name. */
  readonly timeZone: string;
}

export interface Group {
  /** Start of the bucket, epoch ms; of a query with a bucket. */
  readonly time: number | undefined;
  readonly keys: readonly (string | null)[];
  readonly sums: Sums;
}

/**
 * Where an engine gets its sums. All the rest of answering is shared. Calls of the operation `count_tokens` are in no sum unless a filter
 * speaks of `operation`. More than `maxGroups` groups: `tooManyGroups()`.
 */
export interface SumsSource {
  groups(request: SumsRequest): Promise<readonly Group[]>;
  /** Epoch ms of the first call of all; `undefined`: there is none. */
  firstAt(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Groups one question may make, before order and limit. */
export const maxGroups = 1_000_000;
/** Buckets of one query. */
export const maxBuckets = 100_000;
const yearMs = 365 * 24 * 3_600_000;

export const tooManyGroups = (): RangeError =>
  new RangeError(`dimensions: more than ${maxGroups} groups; take fewer dimensions, a wider bucket, a shorter span or a filter`);

/** An engine out of a source of sums. */
export const createQueryEngine = (source: SumsSource, now: () => number = Date.now): QueryEngine => ({
  answer: async (query) => answered(source, checkedQuery(query), now()),
  close: () => source.close(),
});

async function answered(source: SumsSource, query: Query, nowMs: number): Promise<Answer> {
  const { from, to } = await spanOf(source, query, nowMs);
  const request = requestOf(query, from, to);
  checkBuckets(request);
  const shift = shiftOf(query, from, to);
  const before = shift === undefined ? undefined : { ...request, from: from - shift, to: to - shift };
  const [rows, total] = await sumsFor(source, request);
  const ordered = inOrder(
    query,
    rows.map((group) => ranked(query, group)),
  );
  const kept = ordered.slice(0, query.limit ?? maxRows);
  const compared = before && (await beforeOf(source, request, before));
  return {
    rows: kept.map(({ group, figures }) => rowOf(query, group, figures, compared)),
    totals: totalsOf(query, total, compared),
    otherRows: ordered.length - kept.length,
    from,
    to,
  };
}

async function spanOf(source: SumsSource, query: Query, nowMs: number): Promise<{ readonly from: number; readonly to: number }> {
  const to = query.to ?? Math.max(nowMs, (query.from ?? 0) + 1);
  const from = query.from ?? Math.min((await source.firstAt()) ?? to, to);
  return { from, to };
}

const requestOf = (
  { measures: asked, dimensions = [], filters = [], bucket, timeZone = 'UTC' }: Query,
  from: number,
  to: number,
): SumsRequest => ({
  needs: needsOf(asked),
  dimensions,
  filters,
  from,
  to,
  bucket,
  timeZone,
});

function checkBuckets({ bucket, timeZone, from, to }: SumsRequest): void {
  if (bucket && bucketStarts(bucket, timeZone, from, to, maxBuckets).length > maxBuckets)
    throw new RangeError(`bucket: the span holds more than ${maxBuckets} of a ${bucket}; take a wider bucket or a shorter span`);
}

function shiftOf({ compareTo }: Query, from: number, to: number): number | undefined {
  if (compareTo === undefined) return undefined;
  return compareTo === 'year' ? yearMs : to - from;
}

/** Groups, and all calls as one. */
async function sumsFor(source: SumsSource, request: SumsRequest): Promise<readonly [readonly Group[], Sums]> {
  const grouped = request.bucket !== undefined || request.dimensions.length > 0;
  const groups = await groupsOf(source, request);
  if (!grouped) return [groups, groups[0]?.sums ?? sumsOf({})];
  const [total] = await source.groups({ ...request, dimensions: [], bucket: undefined });
  return [groups, total?.sums ?? sumsOf({})];
}

/** A call has all its parts at once: they become groups here, out of one sum for each. */
async function groupsOf(source: SumsSource, request: SumsRequest): Promise<readonly Group[]> {
  const place = request.dimensions.indexOf('part');
  if (place < 0) return source.groups(request);
  const whole = await source.groups({ ...request, dimensions: request.dimensions.toSpliced(place, 1) });
  return whole.flatMap(({ time, keys, sums }) =>
    promptParts.flatMap((part) => {
      const tokens = sums.of(partSum(part));
      return tokens === 0n ? [] : [{ time, keys: keys.toSpliced(place, 0, part), sums: sumsOf({ [partSum(part)]: tokens }) }];
    }),
  );
}

interface Ranked {
  readonly group: Group;
  readonly figures: readonly Figure[];
}

const ranked = ({ measures: asked }: Query, group: Group): Ranked => ({
  group,
  figures: asked.map((measure) => figureOf(measure, group.sums)),
});

type Compare = (left: Ranked, right: Ranked) => number;

/** As asked, then by time, then by keys, so that there is one order only. */
function inOrder(query: Query, rows: readonly Ranked[]): readonly Ranked[] {
  const first = comparison(query);
  return [...rows].sort((left, right) => first(left, right) || byTime(left, right) || byKeys(left, right));
}

function comparison({ order, measures: asked, dimensions = [], bucket }: Query): Compare {
  if (!order) return bucket === undefined ? byFigure(0, -1) : (left, right) => byTime(left, right) || byFigure(0, -1)(left, right);
  const { by, descending = Object.hasOwn(measures, by) } = order;
  const sign = descending ? -1 : 1;
  if (by === 'time') return (left, right) => sign * byTime(left, right);
  const place = dimensions.indexOf(by as Dimension);
  if (place >= 0) return (left, right) => sign * compareKeys(left.group.keys[place]!, right.group.keys[place]!);
  return byFigure(asked.indexOf(by as Measure), sign);
}

const byTime: Compare = (left, right) => (left.group.time ?? 0) - (right.group.time ?? 0);

function byKeys({ group: { keys: left } }: Ranked, { group: { keys: right } }: Ranked): number {
  for (const [place, key] of left.entries()) {
    const difference = compareKeys(key, right[place]!);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** "Not set" first, then by code units. */
function compareKeys(left: string | null, right: string | null): number {
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? -1 : 1;
  return left < right ? -1 : 1;
}

/** What cannot be told comes last, whichever the direction. */
const byFigure =
  (place: number, sign: number): Compare =>
  (left, right) => {
    const [one, other] = [left.figures[place]!, right.figures[place]!];
    if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
    return one === other ? 0 : one < other ? -sign : sign;
  };

interface Compared {
  /** By place of the bucket in its span, and keys. */
  readonly sumsAt: (group: Group) => Sums;
  readonly total: Sums;
}

async function beforeOf(source: SumsSource, request: SumsRequest, before: SumsRequest): Promise<Compared> {
  const [groups, total] = await sumsFor(source, before);
  const known = new Map(groups.map((group) => [identity(placesOf(before), group), group.sums]));
  const places = placesOf(request);
  return { total, sumsAt: (group) => known.get(identity(places, group)) ?? sumsOf({}) };
}

/** Number of each bucket in its span: the third day is compared with the third day. */
function placesOf({ bucket, timeZone, from, to }: SumsRequest): ReadonlyMap<number | undefined, number> {
  return new Map(bucket ? bucketStarts(bucket, timeZone, from, to, maxBuckets).map((start, place) => [start, place]) : []);
}

const identity = (places: ReadonlyMap<number | undefined, number>, { time, keys }: Group): string =>
  JSON.stringify([places.get(time) ?? 0, ...keys]);

const valuesOf = ({ measures: asked }: Query, sums: Sums): QueryRow['values'] =>
  asked.map((measure) => shown(measure, figureOf(measure, sums)));

function rowOf(query: Query, group: Group, figures: readonly Figure[], compared: Compared | undefined): QueryRow {
  return {
    ...(group.time !== undefined && { time: group.time }),
    keys: group.keys,
    values: query.measures.map((measure, place) => shown(measure, figures[place]!)),
    ...(compared && { before: valuesOf(query, compared.sumsAt(group)) }),
  };
}

const totalsOf = (query: Query, total: Sums, compared: Compared | undefined): QueryRow => ({
  keys: [],
  values: valuesOf(query, total),
  ...(compared && { before: valuesOf(query, compared.total) }),
});
