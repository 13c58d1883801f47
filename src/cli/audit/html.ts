import type { AuditResult } from '../../audit/audit.ts';
import type { Finding, TermLine } from '../../audit/finding.ts';
import type { ReadNotes } from '../../audit/read/read.ts';
import type { PartRow, Row, Sums } from '../../audit/totals.ts';
import { countText, timeText } from '../figure-text.ts';
import { escaped as text, grid, selfContainedPage } from '../page.ts';
import { auditNotes, headline, money, partName } from './text.ts';

/** Rows of one table on the page; all are in the JSON. */
const shownRows = 100;
/** Findings on the page. */
const shownFindings = 200;

/** The audit as one page that asks for nothing else: no script, no font, no picture. `at`: when it was made. */
export function auditHtml(result: AuditResult, notes: ReadNotes, at: Date): string {
  const { totals, findings, callsWithContent, pricesAsOf } = result;
  const { all } = totals;
  const told = auditNotes(notes, { all, callsWithContent, pricesAsOf });
  return selfContainedPage(
    `Audit: ${headline(all, totals)}`,
    `<h1>${text(headline(all, totals))}</h1>
<p class="quiet">${text(lead(findings))}</p>
${strips(all)}
<h2>What to change, by what it saves</h2>
${findingList(findings)}
<h2>Where the input tokens go</h2>
${partStrip(totals.byPart)}
${rowTable('By model', 'model', totals.byModel)}
${rowTable('By app or project', 'app', totals.byApp)}
${rowTable('By day', 'day', totals.byDay)}
${rowTable('By source', 'source', totals.bySource)}
<footer>${told.map((note) => `<p>${text(note)}</p>`).join('\n')}
<p>Made ${text(timeText(at.toISOString()))} UTC.</p></footer>`,
  );
}

function lead([first]: readonly Finding[]): string {
  if (!first) return 'No waste was found that the record can show.';
  const where = first.app === undefined ? '' : ` in ${first.app}`;
  return `The largest saving is about ${money(first.saved)}: ${first.title.toLowerCase()}${where}.`;
}

const kinds = ['input', 'cacheRead', 'cacheWrite', 'reasoning', 'output'] as const;
const kindNames = {
  input: 'fresh input',
  cacheRead: 'cache read',
  cacheWrite: 'cache write',
  reasoning: 'reasoning',
  output: 'output',
} as const;

interface Span {
  readonly key: string;
  readonly name: string;
  readonly tokens: number;
}

const strips = (all: Sums): string => strip('Tokens by kind', kinds.map((key) => ({ key, name: kindNames[key], tokens: all[key] }))); // prettier-ignore

const partStrip = (parts: readonly PartRow[]): string =>
  strip('Input tokens by part of the prompt', parts.map(({ part, tokens }) => ({ key: part ?? 'unknown', name: partName(part), tokens }))); // prettier-ignore

/** A bar in one line, and the same as a table. */
function strip(caption: string, spans: readonly Span[]): string {
  const all = spans.reduce((sum, { tokens }) => sum + tokens, 0);
  const told = spans.filter(({ tokens }) => tokens > 0);
  if (all === 0) return '<p class="quiet">No tokens are known.</p>';
  const share = (tokens: number): string => `${((100 * tokens) / all).toFixed(1)}%`;
  const bars = told.map(({ key, tokens }) => `<span style="width:${share(tokens)};background:var(--${key})"></span>`).join('');
  const rows = told.map(
    ({ key, name, tokens }) =>
      `<tr><td><span class="key" style="background:var(--${key})"></span>${text(name)}</td><td>${countText(tokens)}</td><td>${share(tokens)}</td></tr>`,
  );
  return `<div class="strip" aria-hidden="true">${bars}</div>${grid(caption, ['', 'tokens', 'share'], rows)}`;
}

function rowTable(caption: string, title: string, rows: readonly Row[]): string {
  if (rows.length === 0 || (rows.length === 1 && rows[0]!.key === null)) return '';
  const cells = (row: Row): string =>
    [...kinds.map((kind) => countText(row[kind])), money(row.cost)].map((cell) => `<td>${text(cell)}</td>`).join('');
  const shown = rows
    .slice(0, shownRows)
    .map((row) => `<tr><td>${text(row.key ?? '(not told)')}</td><td>${countText(row.calls)}</td>${cells(row)}</tr>`);
  const left = rows.length > shownRows ? `<p class="quiet">${rows.length - shownRows} more in --json.</p>` : '';
  const titles = [title, 'calls', ...kinds.map((kind) => kindNames[kind]), 'cost'];
  return `<h2>${text(caption)}</h2>\n${grid(caption, titles, shown)}${left}`;
}

function findingList(findings: readonly Finding[]): string {
  if (findings.length === 0) return '<p>Nothing. Prompts that are not recorded cannot be looked at.</p>';
  const most = findings[0]!.saved;
  const items = findings.slice(0, shownFindings).map((finding) => findingItem(finding, (100 * finding.saved) / most));
  const left = findings.length > shownFindings ? `<p class="quiet">${findings.length - shownFindings} smaller ones are in --json.</p>` : '';
  return `<ol class="findings">${items.join('\n')}</ol>${left}`;
}

/** A bar that opens its arithmetic and its evidence. */
function findingItem({ title, app, subject, saved, calls, terms, evidence, advice }: Finding, percent: number): string {
  const where = app === undefined ? '' : ` in ${text(app)}`;
  return `<li><details><summary><span class="head"><span class="amount">${text(money(saved))}</span><span>${text(title)}${where}<br><span class="quiet">${text(subject)}, ${countText(calls)} calls</span><span class="track" style="width:${Math.max(1, percent).toFixed(1)}%" aria-hidden="true"></span></span></span></summary>
<div class="body"><p>${text(advice)}</p>
${grid(`Arithmetic: ${title}, ${subject}`, ['what', 'model', 'calls', 'tokens', 'USD a million', 'saved'], terms.map(termRow))}
<p class="quiet">Seen in:</p><p class="evidence">${evidence.map(text).join('<br>')}</p></div></details></li>`;
}

function termRow({ what, model, calls, tokens, rate, nano }: TermLine): string {
  const perMillion = tokens === 0 ? '' : String(Math.round(rate * 1e6) / 1e9);
  const cells = [model, countText(calls), tokens === 0 ? '' : countText(tokens), perMillion, money(nano)];
  return `<tr><td>${text(what)}</td>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
}
