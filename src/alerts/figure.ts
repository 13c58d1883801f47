import { measures, type Measure, type Unit } from '../analytics/query.ts';

const words: Readonly<Record<Unit, (value: number) => string>> = {
  count: (value) => rounded(value),
  tokens: (value) => `${rounded(value)} tokens`,
  usd: (value) => `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: Math.abs(value) < 1 ? 6 : 2 })}`,
  ratio: (value) => `${rounded(value * 100)} %`,
  ms: (value) => `${rounded(value)} ms`,
  tokensPerSecond: (value) => `${rounded(value)} tokens/s`,
  score: (value) => rounded(value),
};

const rounded = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });

/** A figure of a measure for people. */
export const figureText = (measure: Measure, value: number | null): string =>
  value === null ? 'nothing known' : words[measures[measure].unit](value);

/** `costUsd` as it reads in a sentence: the cost. */
export function measureText(measure: Measure): string {
  return measure.replace(/(Usd|Ms)$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`); // prettier-ignore
}

/** A value of an answer as a number; money comes as exact text. */
export const numberOf = (value: number | string | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

/** Whether no calls at all make 0 of it, rather than nothing to tell. */
export const isSum = (measure: Measure): boolean => sums.has(measure);

const sums: ReadonlySet<Measure> = new Set<Measure>([
  'calls', 'failures', 'inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens', 'totalTokens', 'costUsd',
  'inputCostUsd', 'cacheReadCostUsd', 'cacheWriteCostUsd', 'outputCostUsd', 'reasoningCostUsd', 'unpricedCalls', 'estimatedCalls', 'users',
  'tasks', 'sessions', 'attempts', 'extraCostUsd', 'savedUsd', 'savedTokens', 'scoredCalls',
]); // prettier-ignore

/** Whether a part of a bucket is never more than the whole of it. */
export const onlyGrows = (measure: Measure): boolean => isSum(measure) && measure !== 'savedUsd' && measure !== 'savedTokens';
