import type { CallRecord } from '../../core/record.ts';
import { eachCall } from '../../ledger/calls.ts';
import { usd } from '../../ledger/money.ts';
import { withLedger } from '../../ledger/report.ts';
import { effortBudgets } from '../../protocols/translate/effort.ts';
import { minUseful, suggestLimits, type SuggestedLimits } from '../../savings/suggest-limits.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { asUsage, selection } from '../report-request.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Suggests limits out of what the ledger holds. It changes nothing. */
export const run: Run = async (given, terminal) => {
  const [what] = given.words;
  if (what !== 'limits') throw usageError(`\`suggest\` takes limits, not ${what}`);
  const selected = selection(given, Date.now());
  const dir = await ledgerDirOf(given, terminal);
  const found = hasLedger(dir)
    ? asUsage(() => withLedger(dir, (database) => suggestLimits(recordsOf(eachCall(database, selected)), effortBudgets)))
    : [];
  terminal.out(given.flag('json') ? `${JSON.stringify({ suggestions: found })}\n` : limitsText(found, terminal));
  return exitCodes.ok;
};

function* recordsOf(calls: ReturnType<typeof eachCall>): Generator<CallRecord> {
  for (const { record } of calls) yield record;
}

function limitsText(all: readonly SuggestedLimits[], { columns: width, paint }: Pick<Terminal, 'columns' | 'paint'>): string {
  const rows = all.filter(({ maxOutputTokens }) => maxOutputTokens !== null);
  const few = all.length - rows.length;
  const fewText = few > 0 ? `${few} more with fewer than ${minUseful} useful answers, of which nothing can be said.\n` : '';
  if (rows.length === 0) return `No suggestions: an app, feature and model need ${minUseful} useful answers.\n${fewText}`;
  const column = (title: string, cell: (row: SuggestedLimits) => string, align: Column['align'] = 'right', rank?: number): Column => ({
    title,
    align,
    cells: rows.map(cell),
    ...(rank !== undefined && { rank }),
  });
  const text = table(
    [
      column('app', ({ app }) => app ?? '-', 'left'),
      column('feature', ({ feature }) => feature ?? '-', 'left', 4),
      column('model', ({ model }) => model, 'left'),
      column('calls', ({ calls }) => String(calls), 'right', 2),
      column('useful', ({ useful }) => String(useful), 'right', 3),
      column('maxOutputTokens', ({ maxOutputTokens }) => String(maxOutputTokens!.limit)),
      column('would cut', ({ maxOutputTokens }) => String(maxOutputTokens!.wouldCut)),
      column('spares USD', ({ maxOutputTokens }) => usd(BigInt(maxOutputTokens!.sparedNanoUsd)), 'right', 5),
      column('effort', ({ effort }) => effort?.effort ?? '-', 'left'),
    ],
    { width, paint },
  );
  return `${text}\n${rows.map((row) => reckoning(row)).join('')}${fewText}Nothing was changed. Try limits with \`savings.stages.outputLimits: observe\` first.\n`;
}

/** The arithmetic in words. */
function reckoning({ app, feature, model, useful, cut, taskClass, maxOutputTokens, effort }: SuggestedLimits): string {
  const { limit, percentileTokens, wouldCut, sparedTokens } = maxOutputTokens!;
  const who = [app ?? '-', feature ?? '-', model].join('/');
  const length = `99.5 % of ${useful} useful answers (mostly ${taskClass}) had ${percentileTokens} output tokens or fewer, rounded up to ${limit}; ${wouldCut} were longer, ${cut} answers were cut before, ${sparedTokens} tokens lay beyond`;
  return `${who}: ${length}.${effort ? ` Effort: ${effort.why}.` : ''}\n`;
}
