import type { Dimension, Measure, measures, Unit } from '../../src/analytics/query.ts';
import { count, percent, wholeCount } from '../format/count.ts';
import { money } from '../format/money.ts';
import { duration } from '../format/time.ts';

interface MeasureName<M extends Measure> {
  readonly label: string;
  readonly unit: (typeof measures)[M]['unit'];
}

/** How measures are called. The compiler holds the table to the gateway's own: each measure, with its unit. */
export const measureNames: { readonly [M in Measure]: MeasureName<M> } = {
  costUsd: { label: 'Cost', unit: 'usd' },
  calls: { label: 'Calls', unit: 'count' },
  failures: { label: 'Failures', unit: 'count' },
  failureShare: { label: 'Failure share', unit: 'ratio' },
  inputTokens: { label: 'Fresh input', unit: 'tokens' },
  cacheReadTokens: { label: 'Cache read', unit: 'tokens' },
  cacheWriteTokens: { label: 'Cache write', unit: 'tokens' },
  reasoningTokens: { label: 'Reasoning', unit: 'tokens' },
  outputTokens: { label: 'Output', unit: 'tokens' },
  totalTokens: { label: 'All tokens', unit: 'tokens' },
  tokensPerCall: { label: 'Tokens per call', unit: 'tokens' },
  partTokens: { label: 'Tokens of the part', unit: 'tokens' },
  inputCostUsd: { label: 'Cost of fresh input', unit: 'usd' },
  cacheReadCostUsd: { label: 'Cost of cache reads', unit: 'usd' },
  cacheWriteCostUsd: { label: 'Cost of cache writes', unit: 'usd' },
  reasoningCostUsd: { label: 'Cost of reasoning', unit: 'usd' },
  outputCostUsd: { label: 'Cost of output', unit: 'usd' },
  unpricedCalls: { label: 'Unpriced calls', unit: 'count' },
  estimatedCalls: { label: 'Estimated calls', unit: 'count' },
  costPerCallUsd: { label: 'Cost per call', unit: 'usd' },
  costPerTaskUsd: { label: 'Cost per task', unit: 'usd' },
  costPerUserUsd: { label: 'Cost per user', unit: 'usd' },
  costPerSessionUsd: { label: 'Cost per session', unit: 'usd' },
  users: { label: 'Users', unit: 'count' },
  tasks: { label: 'Tasks', unit: 'count' },
  sessions: { label: 'Sessions', unit: 'count' },
  contextOverhead: { label: 'Context overhead', unit: 'ratio' },
  cacheHitShare: { label: 'Cache hit share', unit: 'ratio' },
  cacheSavedUsd: { label: 'Saved by cache', unit: 'usd' },
  outputInputRatio: { label: 'Output by input', unit: 'ratio' },
  attempts: { label: 'Attempts', unit: 'count' },
  extraCostUsd: { label: 'Cost of retries and hedges', unit: 'usd' },
  latencyMeanMs: { label: 'Latency, mean', unit: 'ms' },
  latencyP50Ms: { label: 'Latency, median', unit: 'ms' },
  latencyP95Ms: { label: 'Latency, p95', unit: 'ms' },
  latencyP99Ms: { label: 'Latency, p99', unit: 'ms' },
  firstByteP50Ms: { label: 'First byte, median', unit: 'ms' },
  firstByteP95Ms: { label: 'First byte, p95', unit: 'ms' },
  gatewayMeanMs: { label: 'Time in the gateway', unit: 'ms' },
  tokensPerSecond: { label: 'Tokens per second', unit: 'tokensPerSecond' },
  savedUsd: { label: 'Saved by stages', unit: 'usd' },
  savedTokens: { label: 'Tokens saved by stages', unit: 'tokens' },
  score: { label: 'Score', unit: 'score' },
  scoredCalls: { label: 'Scored calls', unit: 'count' },
  valuePerUsd: { label: 'Score per dollar', unit: 'score' },
  valuePerMillionTokens: { label: 'Score per million tokens', unit: 'score' },
};

export const allMeasures = Object.keys(measureNames) as readonly Measure[];

type PlainDimension = Exclude<Dimension, `tag:${string}`>;

export const dimensionNames: { readonly [D in PlainDimension]: string } = {
  app: 'App',
  feature: 'Feature',
  user: 'User',
  key: 'Key',
  team: 'Team',
  task: 'Task',
  session: 'Session',
  client: 'Client',
  api: 'API',
  operation: 'Operation',
  model: 'Model',
  requestModel: 'Model asked for',
  provider: 'Provider',
  hosting: 'Hosting',
  region: 'Region',
  language: 'Language',
  outcome: 'Outcome',
  errorCode: 'Error',
  finishReason: 'Finish reason',
  usageSource: 'Source of usage',
  priceStatus: 'Price status',
  stream: 'Streamed',
  tier: 'Tier',
  arm: 'Experiment arm',
  route: 'Route',
  sensitivity: 'Sensitivity',
  signal: 'Signal',
  part: 'Part of the input',
};

export const allDimensions = Object.keys(dimensionNames) as readonly PlainDimension[];

export const dimensionName = (dimension: Dimension): string =>
  dimension.startsWith('tag:') ? `Tag ${dimension.slice(4)}` : dimensionNames[dimension as PlainDimension];

const writers: { readonly [U in Unit]: (value: number | string | null) => string } = {
  usd: money,
  count: (value) => wholeCount(numberOf(value)),
  tokens: (value) => count(numberOf(value)),
  ratio: (value) => percent(numberOf(value)),
  ms: (value) => duration(numberOf(value)),
  tokensPerSecond: (value) => (value === null ? 'unknown' : `${count(numberOf(value))}/s`),
  score: (value) => (value === null ? 'none' : Number(Number(value).toPrecision(3)).toLocaleString('en-US')),
};

const numberOf = (value: number | string | null): number | null => (value === null ? null : Number(value));

/** A figure as its unit is written. */
export const written = (measure: Measure, value: number | string | null): string => writers[measureNames[measure].unit](value);
