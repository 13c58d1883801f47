import type { CallRecord, Labels, Outcome } from '../../core/record.ts';
import type { Bucket, Buckets } from '../../core/usage.ts';
import { Histogram } from './histogram.ts';

/** What series may be told apart by. Users, sessions and tasks are too many: the ledger tells of them. */
export const seriesLabels = ['provider', 'model', 'request_model', 'operation', 'api', 'app', 'feature', 'team', 'key', 'client'] as const;
export type SeriesLabel = (typeof seriesLabels)[number];

/** What stands for all values beyond the limit. */
export const otherValue = 'other';

/** Kinds of tokens, which do not overlap. */
export const tokenKinds = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;
export type TokenKind = (typeof tokenKinds)[number];

const kindOf: Readonly<Partial<Record<Bucket, TokenKind>>> = {
  input: 'input',
  inputAudio: 'input',
  inputImage: 'input',
  inputVideo: 'input',
  cacheRead: 'cache_read',
  cacheReadAudio: 'cache_read',
  cacheReadImage: 'cache_read',
  cacheReadVideo: 'cache_read',
  cacheWrite: 'cache_write',
  cacheWrite5m: 'cache_write',
  cacheWrite30m: 'cache_write',
  cacheWrite1h: 'cache_write',
  cacheWrite12h: 'cache_write',
  output: 'output',
  outputAudio: 'output',
  outputImage: 'output',
  reasoning: 'reasoning',
};

/** Seconds. Calls last from milliseconds (a kept reply) to many minutes (an agent's step). */
export const durationBounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320] as const;
/** Seconds. */
export const firstByteBounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40] as const;
/** Tokens, as the conventions advise. */
export const tokenBounds = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304] as const;

/** Sums over the calls of one combination of labels. */
export class Series {
  readonly values: readonly string[];
  readonly outcomes = new Map<Outcome, number>();
  readonly tokens: Record<TokenKind, number> = { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };
  readonly duration = new Histogram(durationBounds);
  readonly firstByte = new Histogram(firstByteBounds);
  readonly inputTokens = new Histogram(tokenBounds);
  readonly outputTokens = new Histogram(tokenBounds);
  costNanoUsd = 0;
  unpriced = 0;
  retries = 0;
  replyCacheHits = 0;
  savedNanoUsd = 0;

  constructor(values: readonly string[]) {
    this.values = values;
  }

  add(record: CallRecord): void {
    const { cost, attempts, durationMs, timeToFirstByteMs, outcome } = record;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.#addTokens(record.buckets);
    if (cost.total === null) this.unpriced += 1;
    else this.costNanoUsd += cost.total;
    if (attempts.length > 1) this.retries += attempts.length - 1;
    if (record.usageSource === 'cache') this.replyCacheHits += 1;
    this.duration.add(durationMs / 1000);
    if (timeToFirstByteMs !== undefined) this.firstByte.add(timeToFirstByteMs / 1000);
    for (const { mode, cost: saved } of record.annotations?.savings ?? []) if (mode === 'on') this.savedNanoUsd += saved ?? 0;
  }

  #addTokens(buckets: Buckets): void {
    let input = 0;
    let output = 0;
    for (const bucket in buckets) {
      const kind = kindOf[bucket as Bucket];
      const count = buckets[bucket as Bucket];
      if (kind === undefined || !count) continue;
      this.tokens[kind] += count;
      if (kind === 'output' || kind === 'reasoning') output += count;
      else input += count;
    }
    if (input > 0) this.inputTokens.add(input);
    if (output > 0) this.outputTokens.add(output);
  }
}

export interface FiguresOptions {
  readonly labels: readonly SeriesLabel[];
  /** Values of one label; all others together are `other`. */
  readonly maxValues: number;
  /** Combinations of labels; all others together are one, `other` throughout. */
  readonly maxSeries: number;
}

/** Running sums over calls, by a few labels, in bounded memory. */
export class CallFigures {
  readonly labels: readonly SeriesLabel[];
  readonly #maxValues: number;
  readonly #maxSeries: number;
  readonly #known: readonly Map<string, string>[];
  readonly #series = new Map<string, Series>();
  #overflown = 0;

  constructor({ labels, maxValues, maxSeries }: FiguresOptions) {
    this.labels = labels;
    this.#maxValues = maxValues;
    this.#maxSeries = maxSeries;
    this.#known = labels.map(() => new Map());
  }

  add(record: CallRecord): void {
    let key = '';
    for (let at = 0; at < this.labels.length; at += 1) key += `${this.#value(at, record)}\n`;
    (this.#series.get(key) ?? this.#made(key)).add(record);
  }

  get series(): Iterable<Series> {
    return this.#series.values();
  }

  /** Calls whose labels had more values than the limits allow. */
  get overflown(): number {
    return this.#overflown;
  }

  #value(at: number, record: CallRecord): string {
    const told = read[this.labels[at]!](record) ?? '';
    const known = this.#known[at]!;
    const value = known.get(told);
    if (value !== undefined) return value;
    if (known.size >= this.#maxValues) {
      this.#overflown += 1;
      return otherValue;
    }
    const clean = told.replaceAll('\n', ' ');
    known.set(told, clean);
    return clean;
  }

  #made(key: string): Series {
    const isFull = this.#series.size >= this.#maxSeries;
    if (isFull) this.#overflown += 1;
    const values = isFull ? this.labels.map(() => otherValue) : key.split('\n').slice(0, -1);
    const where = isFull ? '\n' : key;
    const found = this.#series.get(where) ?? new Series(values);
    this.#series.set(where, found);
    return found;
  }
}

const label =
  (name: keyof Omit<Labels, 'tags'>) =>
  ({ labels }: CallRecord): string | undefined =>
    labels[name];

const read: Readonly<Record<SeriesLabel, (record: CallRecord) => string | undefined>> = {
  provider: ({ provider }) => provider,
  model: ({ model }) => model,
  request_model: ({ requestModel }) => requestModel,
  operation: ({ operation }) => operation,
  api: ({ api }) => api,
  app: label('app'),
  feature: label('feature'),
  team: label('team'),
  key: ({ key }) => key,
  client: label('client'),
};
