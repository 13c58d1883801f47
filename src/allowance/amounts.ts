import type { CallRecord } from '../core/record.ts';
import { totalInput, totalOutput } from '../core/usage.ts';
import type { Bound } from './bound.ts';

/** What counters count. `usd` is counted in nano-USD. */
export type Unit = 'usd' | 'tokens' | 'inputTokens' | 'outputTokens' | 'requests' | 'concurrency';

/** What a call may use at most; `null`: nobody knows. */
export function mostOf(unit: Unit, { cost, inputTokens, outputTokens }: Bound): number | null {
  if (unit === 'usd') return cost;
  if (unit === 'requests' || unit === 'concurrency') return 1;
  return (unit === 'outputTokens' ? 0 : inputTokens) + (unit === 'inputTokens' ? 0 : outputTokens);
}

/** What a call did use; `null`: nobody knows, and then what was reserved counts. A call that reached no provider used nothing. */
export function usedOf(unit: Unit, { cost, buckets, attempts }: CallRecord): number | null {
  if (unit === 'requests') return 1;
  if (unit === 'concurrency' || attempts.length === 0) return 0;
  if (unit === 'usd') return cost.total;
  const input = unit === 'outputTokens' ? 0 : totalInput(buckets);
  const output = unit === 'inputTokens' ? 0 : totalOutput(buckets);
  return input === null || output === null ? null : input + output;
}

const nano = 1_000_000_000;

/** `$0.0125`; whole cents at least. */
export function dollars(nanoUsd: number): string {
  const sign = nanoUsd < 0 ? '-' : '';
  const amount = Math.abs(nanoUsd);
  const fraction = String(Math.round(amount) % nano)
    .padStart(9, '0')
    .replace(/0{1,7}$/, '');
  return `${sign}$${Math.floor(amount / nano).toLocaleString('en-US')}.${fraction}`;
}

export const shown = (unit: Unit, amount: number): string =>
  unit === 'usd' ? dollars(amount) : `${amount.toLocaleString('en-US')} ${unitWords[unit]}`;

const unitWords: Readonly<Record<Exclude<Unit, 'usd'>, string>> = {
  tokens: 'tokens',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
  requests: 'requests',
  concurrency: 'calls at one time',
};
