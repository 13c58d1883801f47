import { createCatalog } from '../../catalog/catalog.ts';
import type { Figures } from '../../ledger/figures.ts';
import { report, type Report, type ReportRequest } from '../../ledger/report.ts';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { reportCsv } from '../csv.ts';
import { exitCodes, usageError } from '../errors.ts';
import { timeText } from '../figure-text.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { outputNote, reportNotes } from '../report-notes.ts';
import { asUsage, reportRequest } from '../report-request.ts';
import { partTable, reportTable } from '../report-table.ts';
import type { Terminal } from '../terminal.ts';
import { self } from '../version.ts';

/** Rows in a table, unless `--limit` says otherwise. */
export const defaultRows = 40;

/** Sums over the ledger. An empty one is no error: it says what to do. */
export const run: Run = async (given, terminal) => {
  const [what] = given.words;
  if (what === 'monthly') return (await import('./report-monthly.ts')).runMonthly(given, terminal);
  if (what !== undefined) throw usageError(`\`report\` takes monthly or nothing, not ${what}`);
  if (given.flag('json') && given.flag('csv')) throw usageError('report: --json and --csv exclude each other');
  const request = reportRequest(given, Date.now());
  const dir = await ledgerDirOf(given, terminal);
  const told = hasLedger(dir) ? asUsage(() => report(dir, request)) : emptyReport(request);
  if (told.totals.calls === 0) terminal.err(nothingYet(dir, request));
  write(told, { given, terminal, dir, request });
  return exitCodes.ok;
};

interface Context {
  readonly given: Arguments;
  readonly terminal: Terminal;
  readonly dir: string;
  readonly request: ReportRequest;
}

function write(told: Report, { given, terminal, dir, request }: Context): void {
  if (given.flag('json')) return terminal.out(`${JSON.stringify(told)}\n`);
  if (given.flag('csv')) return terminal.out(reportCsv(told));
  if (told.totals.calls === 0) return;
  const unpriced = told.totals.unpricedCalls > 0 ? report(dir, { ...request, by: ['model', 'provider'] }) : undefined;
  terminal.out(reportText(told, { unpriced, limit: given.whole('limit') ?? defaultRows, asOf: createCatalog().asOf, terminal }));
}

interface TextOptions {
  readonly unpriced: Report | undefined;
  /** Rows shown; 0 for all. */
  readonly limit: number;
  readonly asOf: string;
  readonly terminal: Pick<Terminal, 'paint' | 'columns'>;
}

/** The report for people. */
export function reportText(told: Report, { unpriced, limit, asOf, terminal }: TextOptions): string {
  const { paint, columns: width } = terminal;
  const byPart = told.by.includes('part');
  const sorted = byPart ? [...told.rows].sort((left, right) => (right.partTokens ?? 0) - (left.partTokens ?? 0)) : told.rows;
  const rows = limit === 0 ? sorted : sorted.slice(0, limit);
  const left = told.rows.length - rows.length;
  const notes = [
    ...(left > 0 ? [`${left} more ${left === 1 ? 'row' : 'rows'}; --limit 0 shows all.`] : []),
    ...(byPart ? [outputNote(told)] : []),
    ...reportNotes(told, unpriced),
    `Prices as of ${asOf}; \`${self} prices MODEL\` shows them.`,
  ];
  return [
    paint('bold', title(told)),
    '\n\n',
    byPart ? partTable(told, rows, { width, paint }) : reportTable(told, rows, { width, paint }),
    '\n',
    ...notes.map((note) => `${paint('dim', note)}\n`),
  ].join('');
}

function title({ by, from, to }: Report): string {
  const range = from && to ? `, ${timeText(from)} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11, 16) : timeText(to)} UTC` : '';
  return by.includes('part') ? `Where the input tokens go${range}` : `Cost and tokens by ${by.join(', ')}${range}`;
}

function nothingYet(dir: string, { since, until, filters }: ReportRequest): string {
  const narrowed = since !== undefined || until !== undefined || Object.keys(filters ?? {}).length > 0;
  if (narrowed && hasLedger(dir)) return 'No call in this ledger fits the time and the filters.\n';
  return [
    `No calls are recorded in ${dir} yet.`,
    `Start the gateway with \`${self} serve\` and point a client at it,`,
    `or send the bundled samples through it: \`${self} replay samples\``,
    '',
  ].join('\n');
}

const emptyFigures: Figures = {
  calls: 0,
  failed: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costUsd: null,
  inputCostUsd: null,
  cacheReadCostUsd: null,
  cacheWriteCostUsd: null,
  outputCostUsd: null,
  reasoningCostUsd: null,
  unpricedCalls: 0,
  estimatedCalls: 0,
  incompleteCalls: 0,
  attempts: 0,
  medianLatencyMs: null,
  p95LatencyMs: null,
};

/** What the ledger would say if there were one. */
const emptyReport = ({ by, since, until }: ReportRequest): Report => ({
  from: since === undefined ? null : new Date(since).toISOString(),
  to: until === undefined ? null : new Date(until).toISOString(),
  by: by as Report['by'],
  rows: [],
  totals: emptyFigures,
  countTokensCalls: 0,
});
