import type { Report } from '../ledger/report.ts';
import { countText, plainText, usdDecimals, usdText } from './figure-text.ts';
import { self } from './version.ts';

const plural = (count: number, one: string, many = `${one}s`): string => `${countText(count)} ${count === 1 ? one : many}`;

/** Models named at most. */
const maxNamed = 5;

/** What a reader of the table must know beside it. `unpriced`: a report by model and provider, where some calls have no price. */
export function reportNotes({ totals, countTokensCalls, rows }: Report, unpriced: Report | undefined): readonly string[] {
  return [
    ...(unpriced ? unpricedNotes(unpriced) : []),
    ...(totals.failed > 0
      ? [`${plural(totals.failed, 'call')} of ${countText(totals.calls)} did not end well; --by outcome tells how.`]
      : []),
    ...(totals.estimatedCalls > 0
      ? [`${plural(totals.estimatedCalls, 'call')} broke off or told no usage: some of their counts are estimates.`]
      : []),
    ...(totals.incompleteCalls > 0 ? [`${plural(totals.incompleteCalls, 'call')} left a count out; sums hold what was told.`] : []),
    ...(countTokensCalls > 0 && rows.length > 0 ? [`${plural(countTokensCalls, 'call')} only counted tokens, which is free.`] : []),
  ];
}

function unpricedNotes({ rows }: Report): readonly string[] {
  const without = rows.filter(({ unpricedCalls }) => unpricedCalls > 0);
  const named = without.filter(({ keys }) => keys['model']);
  const unmetered = without.filter(({ keys }) => !keys['model']).reduce((sum, row) => sum + row.unpricedCalls, 0);
  return [
    ...(unmetered > 0 ? [`${plural(unmetered, 'passed-through call')} are not metered and have no cost.`] : []),
    ...(named.length > 0 ? namedNotes(named) : []),
  ];
}

function namedNotes(rows: Report['rows']): readonly string[] {
  const count = rows.reduce((sum, { unpricedCalls }) => sum + unpricedCalls, 0);
  const name = ({ keys, unpricedCalls }: Report['rows'][number]): string =>
    `${plainText(keys['model']!)} at ${plainText(keys['provider'] ?? '?')} (${unpricedCalls})`;
  const [first] = rows;
  const more = rows.length > maxNamed ? `, and ${rows.length - maxNamed} more` : '';
  return [
    `${plural(count, 'call has', 'calls have')} no known price and ${count === 1 ? 'is' : 'are'} not in the cost: ${rows.slice(0, maxNamed).map(name).join(', ')}${more}.`,
    `  Give it one in modicum.yaml, in USD per million tokens, then run \`${self} reprice\`:`,
    `  models: { ${JSON.stringify(first!.keys['model'])}: { provider: ${first!.keys['provider'] ?? '?'}, prices: { input: 0.5, output: 1.5 } } }`,
  ];
}

/** Output belongs to no part of the prompt: it is told beside the table. */
export function outputNote({ totals }: Report): string {
  const { outputTokens, reasoningTokens, outputCostUsd, reasoningCostUsd } = totals;
  const decimals = usdDecimals([totals.costUsd]);
  return `Beside the input: ${countText(outputTokens)} output tokens for ${usdText(outputCostUsd, decimals)}, ${countText(reasoningTokens)} reasoning tokens for ${usdText(reasoningCostUsd, decimals)}.`;
}
