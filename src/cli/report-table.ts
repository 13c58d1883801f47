import type { Figures, ReportRow } from '../ledger/figures.ts';
import type { Report } from '../ledger/report.ts';
import { countText, durationText, plainText, usdDecimals, usdText } from './figure-text.ts';
import { table, type Column, type TableOptions } from './table.ts';

/** Stands where a label is not set. */
const unset = '(none)';

export const keyText = ({ key }: Pick<ReportRow, 'key'>): string => (key === null || key === '' ? unset : plainText(key));

/** The rows of a report for people: cost first, each kind of token by itself, and never one figure for all. `rows`: those to show. */
export function reportTable({ by, totals }: Report, rows: readonly ReportRow[], options: TableOptions): string {
  const decimals = usdDecimals([totals.costUsd]);
  const all: readonly Figures[] = [...rows, totals];
  const right = (title: string, rank: number | undefined, cell: (figures: Figures) => string): Column => ({
    title,
    align: 'right',
    ...(rank !== undefined && { rank }),
    cells: all.map(cell),
  });
  const tokens = (title: string, rank: number | undefined, count: (figures: Figures) => number): Column =>
    right(title, rank, (figures) => countText(count(figures)));
  /** Only where there is something to tell. */
  const marks = (title: string, rank: number, count: (figures: Figures) => number): readonly Column[] =>
    count(totals) === 0 ? [] : [tokens(title, rank, count)];
  return table(
    [
      { title: by.join(' / '), align: 'left', cells: [...rows.map(keyText), 'total'] },
      { ...right('cost', undefined, ({ costUsd }) => usdText(costUsd, decimals)), style: 'green' },
      tokens('fresh', undefined, ({ inputTokens }) => inputTokens),
      tokens('cached', undefined, ({ cacheReadTokens }) => cacheReadTokens),
      tokens('written', undefined, ({ cacheWriteTokens }) => cacheWriteTokens),
      tokens('output', undefined, ({ outputTokens }) => outputTokens),
      tokens('reasoning', undefined, ({ reasoningTokens }) => reasoningTokens),
      tokens('calls', undefined, ({ calls }) => calls),
      ...marks('failed', 4, ({ failed }) => failed),
      ...marks('unpriced', 5, ({ unpricedCalls }) => unpricedCalls),
      ...marks('estimated', 3, ({ estimatedCalls }) => estimatedCalls),
      right('median', 2, ({ medianLatencyMs }) => durationText(medianLatencyMs)),
      right('p95', 1, ({ p95LatencyMs }) => durationText(p95LatencyMs)),
    ],
    { ...options, hasTotals: true },
  );
}

const partNames: Readonly<Record<string, string>> = {
  system: 'system prompt',
  tools: 'tool definitions',
  history: 'history',
  retrieved: 'retrieved context',
  toolResults: 'tool results',
  media: 'media',
  user: 'new user turn',
};

/** Characters of the longest bar. */
const barLength = 24;

/** Where the input tokens go: a bar a part, in the order of the report. */
export function partTable({ totals }: Report, rows: readonly ReportRow[], options: TableOptions): string {
  const input = rows.reduce((sum, { partTokens = 0 }) => sum + partTokens, 0);
  const most = Math.max(1, ...rows.map(({ partTokens = 0 }) => partTokens));
  const decimals = usdDecimals([totals.costUsd]);
  const cells = (cell: (row: ReportRow) => string): readonly string[] => rows.map(cell);
  const share = ({ partTokens = 0 }: ReportRow): string => (input === 0 ? '-' : `${((100 * partTokens) / input).toFixed(1)}%`);
  return table(
    [
      { title: 'part of the input', align: 'left', cells: cells(partText) },
      { title: 'share', align: 'right', cells: cells(share) },
      { title: '', align: 'left', rank: 2, style: 'cyan', cells: cells(({ partTokens = 0 }) => bar(partTokens / most)) },
      { title: 'cost', align: 'right', style: 'green', cells: cells(({ costUsd }) => usdText(costUsd, decimals)) },
      { title: 'fresh', align: 'right', cells: cells(({ inputTokens }) => countText(inputTokens)) },
      { title: 'cached', align: 'right', cells: cells(({ cacheReadTokens }) => countText(cacheReadTokens)) },
      { title: 'written', align: 'right', rank: 1, cells: cells(({ cacheWriteTokens }) => countText(cacheWriteTokens)) },
      { title: 'calls', align: 'right', rank: 0, cells: cells(({ calls }) => countText(calls)) },
    ],
    options,
  );
}

function partText({ keys, key }: ReportRow): string {
  const { part, ...others } = keys;
  const name = part === null || part === undefined ? '(not split)' : (partNames[part] ?? part);
  const labels = Object.values(others).map((value) => (value === null ? unset : plainText(value)));
  return labels.length === 0 || key === null ? name : [name, ...labels].join(' / ');
}

/** Full blocks, and half of one. */
const bar = (share: number): string => {
  const halves = Math.round(share * barLength * 2);
  return '█'.repeat(halves >> 1) + (halves % 2 === 1 ? '▌' : '');
};
