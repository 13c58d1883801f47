import type { Row } from '../../what-if/result.ts';
import type { Sums } from '../../what-if/sums.ts';
import { auditStyle } from '../audit/style.ts';
import { money } from '../audit/text.ts';
import { countText, timeText } from '../figure-text.ts';
import { costText, savedIn, withoutText } from './text.ts';
import { calibrationText, changeLines, headline, noteLines, ownText, percent, savedText, type Told } from './words.ts';

/** Rows of one table on the page; all are in the JSON. */
const shownRows = 100;

/** The what-if as one page that asks for nothing else: no script, no font, no picture. `at`: when it was made. */
export function whatIfHtml(told: Told, at: Date): string {
  const { result } = told;
  const { today, baseline, policy, calibration, expected } = result;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What if: ${text(headline(result))}</title>
<style>${auditStyle}</style>
</head>
<body>
<main>
<h1>${text(headline(result))}</h1>
${calibration ? `<p class="quiet">${text(calibrationText(calibration))}</p>` : ''}
${expected === null ? '' : `<p>Expected of the real bill under the policy: ${text(money(expected))}.</p>`}
<h2>The bill</h2>
${bills([...(today ? [['today, as recorded', today] as const] : []), ['today, rehearsed', baseline], ['under the policy', policy]])}
<h2>By change, in the order in which they see a call</h2>
${stageTable(told)}
${rowTable('By model', 'model', result.byModel)}
${rowTable('By app', 'app', result.byApp)}
<h2>What changes</h2>
${paragraphs(changeLines(result))}
<footer>${paragraphs(noteLines(told))}
<p>Made ${text(timeText(at.toISOString()))} UTC.</p></footer>
</main>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** What stands in logs is anybody's text. */
const text = (plain: string): string => plain.replace(/[&<>"']/g, (character) => entities[character]!);

const paragraphs = (lines: readonly string[]): string => lines.map((line) => `<p>${text(line)}</p>`).join('\n');

const grid = (caption: string, titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="scroll" role="region" tabindex="0" aria-label="${text(caption)}"><table>
<thead><tr>${titles.map((title) => `<th scope="col">${text(title)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')}
</tbody></table></div>`;

function bills(all: readonly (readonly [string, Sums])[]): string {
  const most = Math.max(1, ...all.map(([, { cost }]) => cost));
  const titles = ['bill', 'cost', 'input', 'cache read', 'cache write', 'output'];
  const track = (cost: number): string =>
    `<span class="track" style="width:${((100 * cost) / most).toFixed(1)}%" aria-hidden="true"></span>`;
  const rows = all.map(([name, sums]) => [
    `${text(name)}${track(sums.cost)}`,
    text(costText(sums)),
    ...[sums.inputTokens, sums.cacheReadTokens, sums.cacheWriteTokens, sums.outputTokens].map(countText),
  ]);
  return grid('The bill', titles, rows);
}

function stageTable({ result: { stages, baseline } }: Told): string {
  const titles = ['change', 'saved', 'of the bill', 'left out alone', "by the stage's own account"];
  const share = (saved: number): string => percent(baseline.cost === 0 ? null : saved / baseline.cost);
  const rows = stages.map((stage) => [stage.stage, savedText(stage.saved), share(stage.saved), withoutText(stage), ownText(stage)]);
  return grid('By change', titles, rows.map((cells) => cells.map(text))); // prettier-ignore
}

function rowTable(caption: string, title: string, rows: readonly Row[]): string {
  const cell = (sums: Sums | undefined, of: (sums: Sums) => string): string => (sums ? of(sums) : '-');
  const calls = (sums: Sums): string => countText(sums.calls);
  const lines = rows
    .slice(0, shownRows)
    .map((row) =>
      [
        row.key ?? '(not told)',
        cell(row.baseline, calls),
        cell(row.policy, calls),
        cell(row.today, costText),
        cell(row.baseline, costText),
        cell(row.policy, costText),
        savedIn(row),
      ].map(text),
    );
  const titles = [title, 'calls today', 'under the policy', 'recorded', 'rehearsed', 'under the policy', 'saved'];
  const more = rows.length > shownRows ? `<p class="quiet">${rows.length - shownRows} more in --json.</p>` : '';
  return `<h2>${text(caption)}</h2>\n${grid(caption, titles, lines)}${more}`;
}
