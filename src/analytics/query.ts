/**
 * The one question every report, chart, alert and export asks: measures over calls, grouped and filtered by dimensions. Engines (SQLite,
 * ClickHouse) answer it alike; one conformance suite holds them to it. The API takes it as JSON at `POST /api/query`.
 */

/** What calls are grouped and filtered by. `tag:NAME` beside these. */
export const dimensions = [
  'app', 'feature', 'user', 'key', 'team', 'task', 'session', 'client', 'api', 'operation', 'model', 'requestModel', 'provider', 'hosting',
  'region', 'language', 'outcome', 'errorCode', 'finishReason', 'usageSource', 'priceStatus', 'stream', 'tier', 'arm', 'route', 'sensitivity',
  'signal', 'part',
] as const; // prettier-ignore
export type Dimension = (typeof dimensions)[number] | `tag:${string}`;

/** How a measure's figures read. `usd`: exact decimal text in the answer, never a rounded number. */
export type Unit = 'count' | 'tokens' | 'usd' | 'ratio' | 'ms' | 'tokensPerSecond' | 'score';

interface MeasureFacts {
  readonly unit: Unit;
  /** What it says, in one plain sentence. */
  readonly says: string;
}

/** All measures. Ratios are of sums, never means of ratios; `null` where nothing can be told (no calls, or nothing known). */
export const measures = {
  calls: { unit: 'count', says: 'calls, token counting left out' },
  failures: { unit: 'count', says: 'calls that did not end well' },
  failureShare: { unit: 'ratio', says: 'failures among calls' },
  inputTokens: { unit: 'tokens', says: 'fresh input' },
  cacheReadTokens: { unit: 'tokens', says: 'input read from the prompt cache' },
  cacheWriteTokens: { unit: 'tokens', says: 'input written to the prompt cache' },
  outputTokens: { unit: 'tokens', says: 'visible output' },
  reasoningTokens: { unit: 'tokens', says: 'hidden reasoning' },
  totalTokens: { unit: 'tokens', says: 'all input and output' },
  tokensPerCall: { unit: 'tokens', says: 'all tokens by calls' },
  partTokens: { unit: 'tokens', says: 'input tokens of a part of the prompt; with the dimension `part` only' },
  costUsd: { unit: 'usd', says: 'known cost; calls without a known price are left out and counted in `unpricedCalls`' },
  inputCostUsd: { unit: 'usd', says: 'cost of fresh input' },
  cacheReadCostUsd: { unit: 'usd', says: 'cost of cache reads' },
  cacheWriteCostUsd: { unit: 'usd', says: 'cost of cache writes' },
  outputCostUsd: { unit: 'usd', says: 'cost of visible output' },
  reasoningCostUsd: { unit: 'usd', says: 'cost of reasoning' },
  unpricedCalls: { unit: 'count', says: 'calls whose cost is unknown' },
  estimatedCalls: { unit: 'count', says: 'calls whose tokens are partly our estimate' },
  costPerCallUsd: { unit: 'usd', says: 'known cost by priced calls' },
  costPerTaskUsd: { unit: 'usd', says: 'known cost of calls with a task, by tasks' },
  costPerUserUsd: { unit: 'usd', says: 'known cost of calls with a user, by users' },
  costPerSessionUsd: { unit: 'usd', says: 'known cost of calls with a session, by sessions' },
  users: { unit: 'count', says: 'distinct users' },
  tasks: { unit: 'count', says: 'distinct tasks' },
  sessions: { unit: 'count', says: 'distinct sessions' },
  contextOverhead: { unit: 'ratio', says: 'share of the input that is not the new turn of the user' },
  cacheHitShare: { unit: 'ratio', says: 'share of the input read from the prompt cache' },
  cacheSavedUsd: { unit: 'usd', says: 'what the prompt cache saved, its writes paid; negative when it cost' },
  outputInputRatio: { unit: 'ratio', says: 'output by input tokens' },
  attempts: { unit: 'count', says: 'requests to providers' },
  extraCostUsd: { unit: 'usd', says: 'cost of retries and hedges beside the answer' },
  latencyMeanMs: { unit: 'ms', says: 'mean time from request to last byte' },
  latencyP50Ms: { unit: 'ms', says: 'median time from request to last byte, from a histogram: at most 6 % off' },
  latencyP95Ms: { unit: 'ms', says: '95th percentile of it' },
  latencyP99Ms: { unit: 'ms', says: '99th percentile of it' },
  firstByteP50Ms: { unit: 'ms', says: 'median time to the first byte of the reply' },
  firstByteP95Ms: { unit: 'ms', says: '95th percentile of it' },
  gatewayMeanMs: { unit: 'ms', says: 'mean time in the gateway itself' },
  tokensPerSecond: { unit: 'tokensPerSecond', says: 'output tokens of streams by the time from first to last byte' },
  savedUsd: { unit: 'usd', says: 'what savings that are on say they saved, net' },
  savedTokens: { unit: 'tokens', says: 'tokens that savings that are on say they saved' },
  score: { unit: 'score', says: 'mean of the scores given as feedback' },
  scoredCalls: { unit: 'count', says: 'calls with a score' },
  valuePerUsd: { unit: 'score', says: 'sum of scores by the cost of the scored calls' },
  valuePerMillionTokens: { unit: 'score', says: 'sum of scores by a million tokens of the scored calls' },
} as const satisfies Record<string, MeasureFacts>;
export type Measure = keyof typeof measures;

export const buckets = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type TimeBucket = (typeof buckets)[number];

/** One condition; all must hold. `null` stands for "not set". `not`: none of the values. */
export interface Filter {
  readonly dimension: Dimension;
  readonly values: readonly (string | null)[];
  readonly not?: boolean;
}

/** Token counting (`operation` count_tokens) is left out, unless a filter speaks of `operation`. Buckets without calls have no row. */
export interface Query {
  readonly measures: readonly Measure[];
  readonly dimensions?: readonly Dimension[];
  readonly filters?: readonly Filter[];
  /** Epoch ms; from, included. Left out: the first call. */
  readonly from?: number;
  /** Epoch ms; to, excluded. Left out: now. */
  readonly to?: number;
  /** Adds the start of its bucket to each row, as the first key. */
  readonly bucket?: TimeBucket;
  /** IANA name, for the buckets of a day and longer. Default UTC. */
  readonly timeZone?: string;
  /** Default: by the first measure, the most first; with a bucket, by time. `descending` defaults to true for measures. What cannot be told comes last. */
  readonly order?: { readonly by: Measure | Dimension | 'time'; readonly descending?: boolean };
  /** Rows at most; `otherRows` tells how many were left out. */
  readonly limit?: number;
  /** The same figures for the span of equal length before, or for one a year (365 days) ago. The third bucket is compared with the third. */
  readonly compareTo?: 'previous' | 'year';
}

/** Most rows one answer may have. */
export const maxRows = 10_000;

export interface QueryRow {
  /** Start of the bucket, epoch ms. */
  readonly time?: number;
  /** Values in the order of the query's dimensions; `null`: not set. */
  readonly keys: readonly (string | null)[];
  /** In the order of the query's measures: numbers, or exact decimal text where the unit is `usd`; `null`: cannot be told. */
  readonly values: readonly (number | string | null)[];
  /** Of the span compared to. */
  readonly before?: readonly (number | string | null)[];
}

export interface Answer {
  readonly rows: readonly QueryRow[];
  /** Over all calls of the filters, not of the rows shown. */
  readonly totals: QueryRow;
  readonly otherRows: number;
  /** The span answered, epoch ms. */
  readonly from: number;
  readonly to: number;
}

export interface QueryEngine {
  /** @throws {RangeError} for a query that cannot be answered, naming the field. */
  answer(query: Query): Promise<Answer>;
  close(): Promise<void>;
}
