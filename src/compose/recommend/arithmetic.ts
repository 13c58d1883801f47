import type { ArithmeticLine } from '../../analytics/recommendation.ts';
import type { TermLine } from '../../audit/finding.ts';
import { usd } from '../../ledger/money.ts';

/** A line of the arithmetic for people. */
export function arithmeticLine({ what, model, tokens, rate, calls, nano }: TermLine): ArithmeticLine {
  const sum = usd(BigInt(Math.round(nano)));
  const text =
    tokens === 0
      ? `${counted(calls)} ${what} (${model}): ${sum} USD`
      : `${counted(Math.round(tokens))} tokens x ${perMillion(rate)} USD a million = ${sum} USD, ${what} (${model})`;
  return { text, calls, usd: sum };
}

const counted = (count: number): string => count.toLocaleString('en-US');

/** Of nano-USD a token. */
const perMillion = (rate: number): string => String(Math.round(rate * 1e6) / 1e9);
