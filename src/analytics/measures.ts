import { usd } from '../ledger/money.ts';
import { percentile } from './histogram.ts';
import { measures, type Measure } from './query.ts';
import type { AdditiveSum, DistinctSum, HistogramSum, SumName, Sums } from './sums.ts';

/** `bigint`: nano-USD. */
export type Figure = number | bigint | null;

interface Definition {
  readonly needs: readonly SumName[];
  readonly finish: (sums: Sums) => Figure;
}

type Counted = AdditiveSum | DistinctSum;
const number = (sums: Sums, names: readonly Counted[]): number => Number(names.reduce((sum, name) => sum + sums.of(name), 0n));

const count = (...names: readonly Counted[]): Definition => ({ needs: names, finish: (sums) => number(sums, names) });

/** Money that is known when at least one call counts for `known`. */
const money = (name: AdditiveSum, known: AdditiveSum = 'priced'): Definition => ({
  needs: [name, known],
  finish: (sums) => (sums.of(known) === 0n ? null : sums.of(name)),
});

const ratio = (above: readonly Counted[], below: readonly Counted[], scale = 1): Definition => ({
  needs: [...above, ...below],
  finish: (sums) => {
    const divisor = number(sums, below);
    return divisor === 0 ? null : (number(sums, above) / divisor) * scale;
  },
});

/** To the nearest nano-USD. */
const moneyPer = (name: AdditiveSum, per: Counted): Definition => ({
  needs: ['priced', name, per],
  finish: (sums) => {
    const divisor = sums.of(per);
    return divisor === 0n || sums.of('priced') === 0n ? null : (2n * sums.of(name) + divisor) / (2n * divisor);
  },
});

const timeAt = (name: HistogramSum, share: number): Definition => ({
  needs: [name],
  finish: (sums) => {
    const us = percentile(sums.histogram(name), share);
    return us === null ? null : us / 1000;
  },
});

const input = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const;
const output = ['outputTokens', 'reasoningTokens'] as const;
const partsButUser = ['part.system', 'part.tools', 'part.history', 'part.retrieved', 'part.toolResults', 'part.media'] as const;
const perMillion = 1e6;

/** How each measure is made from sums; all engines share it, so they differ only in where the sums come from. */
const definitions: { readonly [M in Measure]: Definition } = {
  calls: count('calls'),
  failures: count('failures'),
  failureShare: ratio(['failures'], ['calls']),
  inputTokens: count('inputTokens'),
  cacheReadTokens: count('cacheReadTokens'),
  cacheWriteTokens: count('cacheWriteTokens'),
  outputTokens: count('outputTokens'),
  reasoningTokens: count('reasoningTokens'),
  totalTokens: count(...input, ...output),
  tokensPerCall: ratio([...input, ...output], ['calls']),
  partTokens: count(...partsButUser, 'part.user'),
  costUsd: money('cost'),
  inputCostUsd: money('inputCost'),
  cacheReadCostUsd: money('cacheReadCost'),
  cacheWriteCostUsd: money('cacheWriteCost'),
  outputCostUsd: money('outputCost'),
  reasoningCostUsd: money('reasoningCost'),
  unpricedCalls: { needs: ['calls', 'priced'], finish: (sums) => Number(sums.of('calls') - sums.of('priced')) },
  estimatedCalls: count('estimated'),
  costPerCallUsd: moneyPer('cost', 'priced'),
  costPerTaskUsd: moneyPer('taskCost', 'tasks'),
  costPerUserUsd: moneyPer('userCost', 'users'),
  costPerSessionUsd: moneyPer('sessionCost', 'sessions'),
  users: count('users'),
  tasks: count('tasks'),
  sessions: count('sessions'),
  contextOverhead: ratio(partsButUser, [...partsButUser, 'part.user']),
  cacheHitShare: ratio(['cacheReadTokens'], input),
  cacheSavedUsd: money('cacheSaved', 'cacheSavedKnown'),
  outputInputRatio: ratio(output, input),
  attempts: count('attempts'),
  extraCostUsd: money('extraCost'),
  latencyMeanMs: ratio(['durationUs'], ['calls'], 1 / 1000),
  latencyP50Ms: timeAt('latency', 0.5),
  latencyP95Ms: timeAt('latency', 0.95),
  latencyP99Ms: timeAt('latency', 0.99),
  firstByteP50Ms: timeAt('firstByte', 0.5),
  firstByteP95Ms: timeAt('firstByte', 0.95),
  gatewayMeanMs: ratio(['gatewayUs'], ['gatewayKnown'], 1 / 1000),
  tokensPerSecond: ratio(['generatedTokens'], ['generationUs'], perMillion),
  savedUsd: { needs: ['savedCost'], finish: (sums) => sums.of('savedCost') },
  savedTokens: count('savedTokens'),
  score: ratio(['scoreMicro'], ['scored'], 1 / perMillion),
  scoredCalls: count('scored'),
  valuePerUsd: ratio(['pricedScoreMicro'], ['scoredCost'], 1e9 / perMillion),
  valuePerMillionTokens: ratio(['scoreMicro'], ['scoredTokens']), // millionths of a score by tokens: the millions cancel
};

/** The sums that some measures are made from. */
export const needsOf = (asked: readonly Measure[]): ReadonlySet<SumName> => new Set(asked.flatMap((measure) => definitions[measure].needs));

export const figureOf = (measure: Measure, sums: Sums): Figure => definitions[measure].finish(sums);

/** As an answer shows it: money as exact decimal text. */
export const shown = (measure: Measure, figure: Figure): number | string | null =>
  typeof figure === 'bigint' ? usd(figure) : measures[measure].unit === 'usd' && figure !== null ? usd(BigInt(Math.round(figure))) : figure;
