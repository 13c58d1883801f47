import type { Recommendation } from '../../analytics/recommendation.ts';
import type { Change } from '../../compose/review/changes.ts';
import type { Review, ReviewMeasure } from '../../compose/review/review.ts';
import { timeText } from '../figure-text.ts';
import { escaped as text, grid, selfContainedPage } from '../page.ts';
import { intervalBar, monthBars } from './chart.ts';
import { appCells, changeSentence, figureRows, figureText, headlineOf, measureNames, money, reviewNotes, savingCells, savingTitles, targetCells, targetTitles } from './words.ts'; // prettier-ignore

/** The review as one page that asks for nothing else. */
export function reviewHtml(review: Review): string {
  const { month, baseline, changes, asOf } = review;
  const body = [
    `<style>.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(280px,1fr));gap:24px;margin-top:24px}.charts h3{font-size:13px;margin:0 0 4px}.chart{width:100%;height:auto}.tick{font-size:10px;fill:var(--quiet)}.interval{width:200px;height:12px;vertical-align:middle}pre{overflow-x:auto;font-size:12px}li{margin:0 0 8px}</style>`,
    `<h1>${text(headlineOf(review))}</h1>`,
    `<p class="quiet">Efficiency review of ${month.name}, against ${baseline.name}.</p>`,
    charts(review),
    '<h2>Figures</h2>',
    figures(review),
    ...section('Targets', targets(review)),
    ...section('Apps', apps(review)),
    ...section('Savings', savings(review)),
    '<h2>What became worse</h2>',
    changeList(changes.filter(({ isWorse }) => isWorse)),
    '<h2>What became better</h2>',
    changeList(changes.filter(({ isWorse }) => !isWorse)),
    '<h2>Next actions</h2>',
    actions(review.actions),
    `<footer>${reviewNotes(review).map((note) => `<p>${text(note)}</p>`).join('\n')}<p>Made ${timeText(new Date(asOf).toISOString())} UTC.</p></footer>`,
  ].join('\n'); // prettier-ignore
  return selfContainedPage(`Review of ${month.name}`, body);
}

const section = (title: string, body: string): readonly string[] => (body === '' ? [] : [`<h2>${title}</h2>`, body]);
const row = (cells: readonly string[]): string => `<tr>${cells.map((each) => `<td>${text(each)}</td>`).join('')}</tr>`;

const charted = ['costUsd', 'costPerTaskUsd', 'costPerCallUsd', 'cacheHitShare', 'failureShare', 'score'] as const satisfies readonly ReviewMeasure[]; // prettier-ignore

function charts({ trend, measures, targets: aims }: Review): string {
  if (trend.length < 2) return '';
  const all = charted.flatMap((measure) => {
    const points = trend.map(({ month, figures: values }) => {
      const value = values[measures.indexOf(measure)] ?? null;
      return { label: month, value: value === null ? null : Number(value), text: figureText(measure, value) };
    });
    const aim = aims.find((target) => target.measure === measure && target.app === undefined)?.aim ?? null;
    const chart = points.every(({ value }) => value === null) ? '' : monthBars(measureNames[measure], points, aim);
    return chart === '' ? [] : [`<div><h3>${measureNames[measure]}</h3>${chart}</div>`];
  });
  return `<div class="charts">${all.join('\n')}</div>`;
}

const figures = (review: Review): string =>
  grid('Figures', ['', review.month.name, review.baseline.name, 'change'], figureRows(review).map(row));

const targets = ({ targets: all }: Review): string =>
  all.length === 0 ? '' : grid('Targets', targetTitles, all.map(targetCells).map(row));

const apps = ({ apps: all, month, baseline }: Review): string =>
  all.length < 2 ? '' : grid('Apps', ['app', month.name, baseline.name, 'change'], all.map(appCells).map(row)); // prettier-ignore

function savings({ savings: { rows } }: Review): string {
  if (rows.length === 0) return '';
  const most = Math.max(
    0.1,
    ...rows.flatMap(({ effect: { ratio } }) => (ratio ? [Math.abs(ratio.low - 1), Math.abs(ratio.high - 1)] : [])),
  );
  const lines = rows.map((saving) => {
    const { ratio } = saving.effect;
    const bar = ratio ? intervalBar({ value: ratio.value - 1, low: ratio.low - 1, high: ratio.high - 1 }, Math.min(1, most)) : '';
    return row(savingCells(saving)).replace('</tr>', `<td>${bar}</td></tr>`);
  });
  return grid('Savings', [...savingTitles, ''], lines);
}

const changeList = (changes: readonly Change[]): string =>
  changes.length === 0 ? '<p class="quiet">Nothing that can be told from chance.</p>' : `<ul>${changes.map((change) => `<li>${text(changeSentence(change))}</li>`).join('\n')}</ul>`; // prettier-ignore

function actions(all: readonly Recommendation[]): string {
  if (all.length === 0) return '<p class="quiet">Nothing that the ledger shows would save money.</p>';
  const most = Number(all[0]!.savedUsd);
  return `<ol class="findings">${all.map((each) => action(each, (100 * Number(each.savedUsd)) / most)).join('\n')}</ol>`;
}

/** A bar that opens its arithmetic and its configuration. */
function action(
  { title, savedUsd, basis, confidence, advice, arithmetic, action: { config, guide } }: Recommendation,
  percent: number,
): string {
  return `<li><details><summary><span class="head"><span class="amount">${text(money(savedUsd))}</span><span>${text(title)}<br><span class="quiet">${basis}, confidence ${confidence.level}: ${text(confidence.why)}</span><span class="track" style="width:${Math.max(1, percent).toFixed(1)}%" aria-hidden="true"></span></span></span></summary>
<div class="body"><p>${text(advice)} See ${text(guide)}.</p><ul>${arithmetic.map((line) => `<li>${text(line.text)}</li>`).join('')}</ul>${config === '' ? '' : `<pre>${text(config)}</pre>`}</div></details></li>`;
}
