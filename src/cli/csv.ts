import type { Report } from '../ledger/report.ts';

const figureColumns = [
  'costUsd', 'inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens', 'calls', 'failed',
  'unpricedCalls', 'estimatedCalls', 'incompleteCalls', 'attempts', 'inputCostUsd', 'cacheReadCostUsd', 'cacheWriteCostUsd',
  'outputCostUsd', 'reasoningCostUsd', 'medianLatencyMs', 'p95LatencyMs',
] as const; // prettier-ignore

/** Rows of a report with exact figures: a column a key, then the figures. Unknown is empty. */
export function reportCsv({ by, rows }: Report): string {
  const hasParts = by.includes('part');
  const header = [...by, ...(hasParts ? ['partTokens'] : []), ...figureColumns];
  const lines = rows.map((row) => [
    ...by.map((key) => row.keys[key] ?? null),
    ...(hasParts ? [row.partTokens ?? null] : []),
    ...figureColumns.map((column) => row[column]),
  ]);
  return [header, ...lines].map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}

/** RFC 4180. */
export function csvField(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
