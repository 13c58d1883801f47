import { promptParts, type PromptPart } from '../core/record.ts';
import { emptyHistogram, type Histogram } from './histogram.ts';

/** One sum for each part of a prompt. */
export const partSum = (part: PromptPart): PartSum => `part.${part}`;
type PartSum = `part.${PromptPart}`;

/** Sums over calls that can be added up from any cut of the calls. Money in nano-USD; times in microseconds; scores in millionths. */
const plainSums = [
  'calls', 'failures', 'inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens',
  'priced', 'cost', 'inputCost', 'cacheReadCost', 'cacheWriteCost', 'outputCost', 'reasoningCost', 'estimated',
  'taskCost', 'userCost', 'sessionCost', 'cacheSavedKnown', 'cacheSaved', 'attempts', 'extraCost', 'durationUs',
  'gatewayKnown', 'gatewayUs', 'generatedTokens', 'generationUs', 'savedCost', 'savedTokens',
  'scored', 'scoreMicro', 'pricedScoreMicro', 'scoredCost', 'scoredTokens',
] as const; // prettier-ignore
export type AdditiveSum = (typeof plainSums)[number] | PartSum;
export const additiveSums: readonly AdditiveSum[] = [...plainSums, ...promptParts.map(partSum)];

/** Numbers of different values, which no cut can add up. */
export const distinctSums = ['users', 'tasks', 'sessions'] as const;
export type DistinctSum = (typeof distinctSums)[number];
/** Whole distributions. */
export const histogramSums = ['latency', 'firstByte'] as const;
export type HistogramSum = (typeof histogramSums)[number];
export type SumName = AdditiveSum | DistinctSum | HistogramSum;

/** What a measure is made from. A sum that was not asked for is 0, or empty. */
export interface Sums {
  readonly of: (name: AdditiveSum | DistinctSum) => bigint;
  readonly histogram: (name: HistogramSum) => Histogram;
}

export function sumsOf(
  counts: Readonly<Record<string, bigint>> | ReadonlyMap<string, bigint>,
  histograms: Readonly<Partial<Record<HistogramSum, Histogram>>> = {},
): Sums {
  const find = counts instanceof Map ? (name: string) => counts.get(name) : (name: string) => (counts as Record<string, bigint>)[name];
  return { of: (name) => find(name) ?? 0n, histogram: (name) => histograms[name] ?? emptyHistogram };
}

export const isDistinct = (name: SumName): name is DistinctSum => (distinctSums as readonly string[]).includes(name);
export const isHistogram = (name: SumName): name is HistogramSum => (histogramSums as readonly string[]).includes(name);
export const isAdditive = (name: SumName): name is AdditiveSum => !isDistinct(name) && !isHistogram(name);
