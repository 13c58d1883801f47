import type { Review } from '../../compose/review/review.ts';
import type { Recommendation } from '../../analytics/recommendation.ts';
import { appCells, changeSentence, figureRows, figureText, headlineOf, measureNames, money, reviewNotes, savingCells, savingTitles, targetCells, targetTitles } from './words.ts'; // prettier-ignore

/** The review as Markdown. */
export function reviewMarkdown(review: Review): string {
  const { changes } = review;
  return [
    `# ${headlineOf(review)}`,
    figures(review),
    ...section('Targets', targets(review)),
    ...section('Trend', trend(review)),
    ...section('Apps', apps(review)),
    ...section('Savings', savings(review)),
    '## What became worse',
    list(changes.filter(({ isWorse }) => isWorse).map(changeSentence), 'Nothing that can be told from chance.'),
    '## What became better',
    list(changes.filter(({ isWorse }) => !isWorse).map(changeSentence), 'Nothing that can be told from chance.'),
    '## Next actions',
    actions(review.actions),
    '## Notes',
    list(reviewNotes(review), ''),
  ].join('\n\n') + '\n'; // prettier-ignore
}

const section = (title: string, body: string): readonly string[] => (body === '' ? [] : [`## ${title}`, body]);

/** Labels are anybody's text. */
const cell = (text: string): string => text.replaceAll(/[\\|`*_<>[\]#]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ');

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), `| ${titles.map((_, at) => (at === 0 ? '---' : '---:')).join(' | ')} |`, ...rows.map(line)].join('\n');
}

const list = (items: readonly string[], none: string): string =>
  items.length === 0 ? none : items.map((item) => `- ${cell(item)}`).join('\n');

const figures = (review: Review): string => table(['', review.month.name, review.baseline.name, 'change'], figureRows(review));

const targets = ({ targets: all }: Review): string => table(targetTitles, all.map(targetCells));

const trendMeasures = ['costUsd', 'calls', 'costPerTaskUsd', 'costPerCallUsd', 'cacheHitShare', 'failureShare', 'score'] as const;

const trend = ({ trend: months, measures }: Review): string =>
  months.length < 2
    ? ''
    : table(
        ['month', ...trendMeasures.map((measure) => measureNames[measure].toLowerCase())],
        months.map(({ month, figures: values }) => [month, ...trendMeasures.map((measure) => figureText(measure, values[measures.indexOf(measure)]))]),
      ); // prettier-ignore

const apps = ({ apps: all, month, baseline }: Review): string =>
  all.length < 2 ? '' : table(['app', month.name, baseline.name, 'change'], all.map(appCells)); // prettier-ignore

const savings = ({ savings: { rows, total } }: Review): string => {
  const none = { entries: 0, usd: '0', unknown: 0, estimated: 0, inputTokens: 0, outputTokens: 0 };
  return rows.length === 0 ? '' : table(savingTitles, [...rows, { name: 'all', claimed: none, observed: none, effect: total }].map(savingCells)); // prettier-ignore
};

function actions(all: readonly Recommendation[]): string {
  if (all.length === 0) return 'Nothing that the ledger shows would save money.';
  return all.map(action).join('\n\n');
}

function action({ title, savedUsd, basis, confidence, advice, arithmetic, action: { config, guide } }: Recommendation, at: number): string {
  return [
    `${at + 1}. **${money(savedUsd)}** ${cell(title)}. ${advice} (${basis}, confidence ${confidence.level}: ${confidence.why})`,
    ...arithmetic.slice(0, 3).map(({ text }) => `   - ${cell(text)}`),
    ...(config === '' ? [] : ['', '   ```yaml', ...config.trimEnd().split('\n').map((line) => `   ${line}`), '   ```', '']),
    `   See ${guide}.`,
  ].join('\n'); // prettier-ignore
}
