import { isKey } from '../../compose/savings.ts';
import { savingsReportOf } from '../../compose/savings-report.ts';
import { savingReportKeys, savingsReport, type Claimed, type EffectView, type SavingsReport } from '../../savings/report.ts';
import { askAdmin } from '../admin-client.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { selection } from '../report-request.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** What savings claim and what they do, out of the ledger; and switching one on again, in a running gateway. */
export const run: Run = async (given, terminal) => {
  const [action = 'report', stage] = given.words;
  if (action === 'resume') {
    if (stage === undefined) throw usageError('`savings resume` needs the name of a saving');
    const answer = (await askAdmin(given, terminal, `/api/savings/${encodeURIComponent(stage)}/resume`, {})) as { readonly stage: string; readonly wasSwitched: boolean }; // prettier-ignore
    const text = `${answer.stage}: ${answer.wasSwitched ? 'switched on again' : 'had not switched itself off'}\n`;
    terminal.out(given.flag('json') ? `${JSON.stringify(answer)}\n` : text);
    return exitCodes.ok;
  }
  if (action !== 'report' || stage !== undefined)
    throw usageError(`\`savings\` takes report or resume STAGE, not ${given.words.join(' ')}`);
  const by = given.text('by') ?? 'stage';
  if (!isKey(by)) throw usageError(`--by takes ${savingReportKeys.join(' or ')}, not ${by}`);
  const { since, until } = selection(given, Date.now());
  const dir = await ledgerDirOf(given, terminal);
  const told = hasLedger(dir) ? savingsReportOf(dir, { by, since, until }) : savingsReport([], { by, since, until });
  terminal.out(given.flag('json') ? `${JSON.stringify(told)}\n` : savingsText(told, terminal));
  return exitCodes.ok;
};

const verdicts = { saves: 'saves', costs: 'costs', unknown: 'not yet known' } as const;

function savingsText(
  { by, rows, total, calls, sampled, unpricedCalls }: SavingsReport,
  { columns: width, paint }: Pick<Terminal, 'columns' | 'paint'>,
): string {
  if (rows.length === 0) return `No saving did anything in ${calls} calls.\n`;
  const all = [...rows.map(({ name, claimed, observed, effect }) => ({ name: name ?? '-', claimed, observed, effect })), { name: 'all', claimed: undefined, observed: undefined, effect: total }]; // prettier-ignore
  const column = (title: string, cell: (row: (typeof all)[number]) => string, align: Column['align'] = 'right', rank?: number): Column => ({ title, align, cells: all.map(cell), ...(rank !== undefined && { rank }) }); // prettier-ignore
  const notes = [
    'Measured: cost a session with it, against sessions held out, with a 95 % interval. Claimed: what the saving says of itself.',
    ...(sampled < 1 ? [`Effects are taken from a random ${(sampled * 100).toFixed(1)} % of all sessions.`] : []),
    ...(unpricedCalls > 0 ? [`${unpricedCalls} calls of unknown cost are in no mean.`] : []),
  ];
  return `${table(
    [
      column(by, ({ name }) => name, 'left'),
      column('claimed USD', ({ claimed }) => claimedText(claimed)),
      column('would be USD', ({ observed }) => claimedText(observed), 'right', 3),
      column('measured', ({ effect }) => measuredText(effect)),
      column('sessions with', ({ effect }) => String(effect.sessions.treated), 'right', 5),
      column('held out', ({ effect }) => String(effect.sessions.controls), 'right', 4),
      column('score', ({ effect: { score } }) => (score ? `${score.treated.toFixed(2)} / ${score.controls.toFixed(2)}` : '-'), 'right', 1),
      column('worse', ({ effect }) => effect.worse.join(', ') || '-', 'left', 2),
      column('verdict', ({ effect }) => verdicts[effect.verdict], 'left'),
    ],
    { width, paint },
  )}\n${notes.map((note) => `${paint('dim', note)}\n`).join('')}`;
}

const claimedText = (claimed: Claimed | undefined): string =>
  claimed === undefined || claimed.entries === 0 ? '-' : `${claimed.usd}${claimed.unknown > 0 ? ` + ${claimed.unknown} unknown` : ''}`;

function measuredText({ ratio }: EffectView): string {
  if (!ratio) return '-';
  const percent = (value: number): string => `${value > 1 ? '+' : ''}${((value - 1) * 100).toFixed(1)}`;
  return `${percent(ratio.value)} % (${percent(ratio.low)} to ${percent(ratio.high)})`;
}
