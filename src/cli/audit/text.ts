import type { Finding, TermLine } from '../../audit/finding.ts';
import type { AuditResult } from '../../audit/audit.ts';
import type { Row, Sums } from '../../audit/totals.ts';
import type { ReadNotes } from '../../audit/read/read.ts';
import { usd } from '../../ledger/money.ts';
import { countText, plainText, timeText, usdDecimals, usdText } from '../figure-text.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { self } from '../version.ts';

/** Rows of one table in the terminal. */
const shownRows = 15;
/** Lines of arithmetic and places shown under one finding. */
const shownTerms = 5;
const shownEvidence = 3;

type Style = Pick<Terminal, 'paint' | 'columns'>;

/** The audit for people. `top`: findings told. */
export function auditText(
  { totals, findings, callsWithContent, pricesAsOf }: AuditResult,
  notes: ReadNotes,
  top: number,
  style: Style,
): string {
  const { paint } = style;
  const { all } = totals;
  const section = (title: string, body: string): string => (body === '' ? '' : `${paint('bold', title)}\n\n${body}\n`);
  const shown = findings.slice(0, top);
  return [
    `${paint('bold', headline(all, totals))}\n\n`,
    section('Tokens', kindTable(all, style)),
    section('By model', rowTable(totals.byModel, 'model', style)),
    totals.byApp.length > 1 ? section('By app or project', rowTable(totals.byApp, 'app', style)) : '',
    totals.byDay.length > 1 ? section('By day', rowTable(totals.byDay.slice(-shownRows), 'day', style)) : '',
    section('Where the input tokens go', partTable(totals.byPart, style)),
    section(findingsTitle(findings, shown.length), shown.map((finding, index) => findingText(finding, index, style)).join('\n')),
    ...auditNotes(notes, { all, callsWithContent, pricesAsOf }).map((note) => `${paint('dim', note)}\n`),
  ].join('');
}

/** What it comes to, in one line. */
export function headline(all: Sums, { from, to }: AuditResult['totals']): string {
  const range = from === undefined || to === undefined ? '' : `, ${day(from)} to ${day(to)}`;
  return `${countText(all.calls)} calls, ${money(all.cost)}${range}`;
}

const day = (at: number): string => timeText(new Date(at).toISOString());
const exact = (nano: number | null): string | null => (nano === null ? null : usd(BigInt(Math.round(nano))));

/** Nano-USD for people. */
export function money(nano: number | null): string {
  const amount = exact(nano);
  return usdText(amount, usdDecimals([amount]));
}

function findingsTitle(findings: readonly Finding[], shown: number): string {
  if (findings.length === 0) return '';
  return shown === findings.length
    ? 'What to change, by what it saves'
    : `What to change, the first ${shown} of ${findings.length} by what they save`;
}

function kindTable({ input, cacheRead, cacheWrite, output, reasoning }: Sums, style: Style): string {
  const rows = [['fresh input', input], ['cache read', cacheRead], ['cache write', cacheWrite], ['reasoning', reasoning], ['output', output]] as const; // prettier-ignore
  const told = rows.filter(([, tokens]) => tokens > 0);
  if (told.length === 0) return '';
  return draw([left('kind', told.map(([name]) => name)), right('tokens', told.map(([, tokens]) => countText(tokens)))], style); // prettier-ignore
}

function rowTable(rows: readonly Row[], title: string, style: Style): string {
  const shown = rows.slice(0, shownRows);
  if (shown.length === 0) return '';
  const decimals = usdDecimals(shown.map(({ cost }) => exact(cost)));
  const tokens = (name: string, of: (row: Row) => number, rank: number): Column => ({ ...right(name, shown.map((row) => countText(of(row)))), rank }); // prettier-ignore
  return draw(
    [
      left(title, shown.map(({ key }) => plainText(key ?? '(not told)'))),
      right('calls', shown.map(({ calls }) => countText(calls))),
      tokens('fresh in', ({ input }) => input, 4),
      tokens('cache read', ({ cacheRead }) => cacheRead, 3),
      tokens('cache write', ({ cacheWrite }) => cacheWrite, 2),
      tokens('reasoning', ({ reasoning }) => reasoning, 1),
      tokens('output', ({ output }) => output, 5),
      right('cost', shown.map(({ cost }) => usdText(exact(cost), decimals))),
    ], // prettier-ignore
    style,
  );
}

function partTable(parts: AuditResult['totals']['byPart'], style: Style): string {
  const all = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  if (parts.every(({ part }) => part === null)) return '';
  const names = parts.map(({ part }) => partName(part));
  return draw([left('part', names), right('tokens', parts.map(({ tokens }) => countText(tokens))), right('share', parts.map(({ tokens }) => `${((100 * tokens) / all).toFixed(1)}%`))], style); // prettier-ignore
}

export const partName = (part: string | null): string =>
  part === null ? '(prompt not recorded)' : part === 'toolResults' ? 'tool results' : part;

const left = (title: string, cells: readonly string[]): Column => ({ title, align: 'left', cells });
const right = (title: string, cells: readonly string[]): Column => ({ title, align: 'right', cells });
const draw = (columns: readonly Column[], { columns: width, paint }: Style): string => table(columns, { width, paint });

function findingText(finding: Finding, index: number, { paint }: Style): string {
  const { title, app, subject, saved, calls, terms, evidence, advice } = finding;
  const where = evidence.slice(0, shownEvidence).map(plainText).join(', ');
  return [
    `${paint('bold', `${index + 1}. ${money(saved)}  ${title}`)}${app === undefined ? '' : ` in ${plainText(app)}`}: ${plainText(subject)}`,
    ...terms.slice(0, shownTerms).map((term) => `   ${termText(term)}`),
    ...(terms.length > shownTerms ? [`   and ${terms.length - shownTerms} more lines, all in --json`] : []),
    paint('dim', `   ${calls} calls, such as ${where}${evidence.length > shownEvidence ? ' ...' : ''}`),
    `   ${advice}`,
    '',
  ].join('\n');
}

/** `1,200 tokens x $0.45 a million = $0.00054, read from the cache (claude-opus-5-5)`. */
export function termText({ what, model, tokens, rate, nano, calls }: TermLine): string {
  const sum = money(nano);
  if (tokens === 0) return `${calls} ${plainText(what)}: ${sum}`;
  const perMillion = Math.round(rate * 1e6) / 1e9;
  return `${countText(tokens)} tokens x ${perMillion < 0 ? '-' : ''}$${Math.abs(perMillion)} a million = ${sum}, ${what} (${plainText(model)})`;
}

interface NoteFacts extends Pick<AuditResult, 'callsWithContent' | 'pricesAsOf'> {
  readonly all: Sums;
}

/** What the figures do not hold. */
export function auditNotes(notes: ReadNotes, { all, callsWithContent, pricesAsOf }: NoteFacts): readonly string[] {
  const many = (count: number, one: string, more = `${one}s`): string => `${countText(count)} ${count === 1 ? one : more}`;
  return [
    ...(all.unpricedCalls > 0 ? [`${many(all.unpricedCalls, 'call')} without a known price: in the tokens, not in the cost.`] : []),
    ...(all.estimatedCalls > 0 ? [`${many(all.estimatedCalls, 'call')} with estimated or partial counts.`] : []),
    ...(all.failed > 0 ? [`${many(all.failed, 'failed call')} among them.`] : []),
    ...(callsWithContent < all.calls ? [`The prompt of ${many(all.calls - callsWithContent, 'call')} is not recorded: most kinds of waste cannot be seen there.`] : []), // prettier-ignore
    ...(notes.repeatedCalls > 0 ? [`${many(notes.repeatedCalls, 'call')} stood in several files and counts once.`] : []),
    ...(notes.brokenLines > 0 ? [`${many(notes.brokenLines, 'line')} could not be read.`] : []),
    ...(notes.tooLongLines > 0 ? [`${many(notes.tooLongLines, 'line')} too long to be read.`] : []),
    ...(notes.unknownFiles.length > 0 ? [`Nothing was recognised in: ${notes.unknownFiles.map(plainText).join(', ')}`] : []),
    'Savings are estimates from the record, net of what they cost in the prompt cache. They can overlap.',
    `Prices as of ${pricesAsOf}; \`${self} prices MODEL\` shows them.`,
  ];
}
