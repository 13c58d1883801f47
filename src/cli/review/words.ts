import { measures } from '../../analytics/query.ts';
import type { Change, ChangeMeasure } from '../../compose/review/changes.ts';
import type { Review, ReviewMeasure } from '../../compose/review/review.ts';
import type { TargetResult } from '../../compose/review/targets.ts';
import type { SavingRow } from '../../savings/report.ts';
import { countText, durationText, usdDecimals, usdText } from '../figure-text.ts';

/** The words of the review, the same in Markdown and on the page. */

export const measureNames: Readonly<Record<ReviewMeasure, string>> = {
  costUsd: 'Cost',
  calls: 'Calls',
  totalTokens: 'Tokens',
  costPerTaskUsd: 'Cost per task',
  costPerSessionUsd: 'Cost per session',
  costPerCallUsd: 'Cost per call',
  tokensPerCall: 'Tokens per call',
  cacheHitShare: 'Input read from the prompt cache',
  cacheSavedUsd: 'Saved by the prompt cache, net',
  contextOverhead: 'Input that is not the new turn',
  extraCostUsd: 'Retries and hedges',
  failureShare: 'Failed calls',
  latencyP95Ms: 'Latency, 95th percentile',
  score: 'Mean score',
  valuePerUsd: 'Score per USD',
  savedUsd: 'Savings by their own word',
  unpricedCalls: 'Calls of unknown cost',
};

export type Value = number | string | null | undefined;

export function figureText(measure: keyof typeof measures, value: Value): string {
  if (value === null || value === undefined) return '-';
  const { unit } = measures[measure];
  if (unit === 'usd') return money(String(value));
  if (unit === 'ms') return durationText(Number(value));
  if (unit === 'ratio') return `${(Number(value) * 100).toFixed(1)} %`;
  return unit === 'count' || unit === 'tokens' ? countText(Number(value)) : Number(value).toFixed(2);
}

export const money = (usd: string | null): string => usdText(usd, usdDecimals([usd]));

/** In percent of what was before; of shares in points. */
export function changeText(measure: keyof typeof measures, before: Value, now: Value): string {
  if (before == null || now == null) return '-';
  if (measures[measure].unit === 'ratio') return pointsText(Number(now) - Number(before));
  return Number(before) === 0 ? '-' : percentText((Number(now) / Number(before) - 1) * 100);
}

const pointsText = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} points`;

/** Rows of the table of figures; what is nothing in both months has none. */
export const figureRows = ({ measures: names, now, before }: Review): readonly (readonly string[])[] =>
  names.flatMap((measure, at) => {
    const isNothing = measure !== 'costUsd' && measure !== 'calls' && !Number(now[at] ?? 0) && !Number(before[at] ?? 0);
    const cells = [measureNames[measure], figureText(measure, now[at]), figureText(measure, before[at]), changeText(measure, before[at], now[at])]; // prettier-ignore
    return isNothing ? [] : [cells];
  });

/** Cells of a target. */
export const targetCells = (target: TargetResult): readonly string[] => {
  const { measure, baseline, aim, now, changedPercent, state } = target;
  const values = [baseline, aim, now].map((value) => figureText(measure, value));
  return [targetText(target), ...values, changedPercent === null ? '-' : percentText(changedPercent), state];
};
export const targetTitles = ['target', 'baseline', 'aim', 'now', 'change', 'state'] as const;

/** Cells of an app. */
export const appCells = ({ app, costUsd, beforeUsd }: Review['apps'][number]): readonly string[] => [
  app ?? '(no app)',
  money(costUsd),
  beforeUsd === null ? '-' : money(beforeUsd),
  changeText('costUsd', beforeUsd, costUsd),
];

export const percentText = (percent: number): string => `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;

export function headlineOf({ month, daysSoFar, now, before, baseline }: Review): string {
  const so = daysSoFar === null ? '' : ` in ${daysSoFar.toFixed(1)} days so far`;
  const change = daysSoFar === null && before[0] != null ? `, ${changeText('costUsd', before[0], now[0])} against ${baseline.name}` : '';
  return `${month.name}: ${money(now[0] as string | null)} for ${countText(Number(now[1]))} calls${so}${change}`;
}

function targetText({ measure, app, changePercent }: TargetResult): string {
  const name = Object.hasOwn(measureNames, measure) ? measureNames[measure as ReviewMeasure] : measure;
  return `${name}${app === undefined ? '' : ` of ${app}`} ${percentText(changePercent)}`;
}

const changeNames: Readonly<Record<ChangeMeasure, readonly [worse: string, better: string, of: string]>> = {
  cost: ['dearer', 'cheaper', 'a task, session or single call'],
  time: ['slower', 'faster', 'a call'],
  failures: ['more failures', 'fewer failures', 'of calls'],
  score: ['lower scores', 'higher scores', 'a scored call'],
};

const changeValue = (measure: ChangeMeasure, value: number): string => {
  if (measure === 'cost') return money(value.toFixed(9));
  if (measure === 'time') return durationText(value);
  return measure === 'failures' ? `${(value * 100).toFixed(1)} %` : value.toFixed(2);
};

/** `shop: dearer, $0.031 a task ... from $0.024: +29.2 % (99 % interval +12.1 % to +48.8 %; 410 and 388 tasks and sessions)`. */
export function changeSentence({ measure, app, isWorse, before, now, change, units }: Change): string {
  const [worse, better, of] = changeNames[measure];
  const isRatio = measure === 'cost' || measure === 'time';
  const one = (value: number): string => {
    if (isRatio) return percentText((value - 1) * 100);
    return measure === 'failures'
      ? `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)} points`
      : `${value > 0 ? '+' : ''}${value.toFixed(2)}`;
  };
  const sure = `99 % interval ${one(change.low)} to ${one(change.high)}; ${countText(units.before)} and ${countText(units.now)} tasks, sessions or single calls`;
  return `${app ?? '(no app)'}: ${isWorse ? worse : better}, ${changeValue(measure, now)} ${of} from ${changeValue(measure, before)}: ${one(change.value)} (${sure})`;
}

/** Cells of a saving: name, claimed, measured, worse, verdict. */
export function savingCells({ name, claimed, effect }: SavingRow): readonly string[] {
  const { ratio, verdict, worse, sessions } = effect;
  const measured = ratio
    ? `${percentText((ratio.value - 1) * 100)} (${percentText((ratio.low - 1) * 100)} to ${percentText((ratio.high - 1) * 100)})`
    : '-';
  const claim = claimed.entries === 0 ? '-' : money(claimed.usd);
  const verdicts = { saves: 'saves', costs: 'costs', unknown: 'not yet known' } as const;
  return [name ?? '-', claim, measured, `${sessions.treated} / ${sessions.controls}`, worse.join(', ') || '-', verdicts[verdict]];
}
export const savingTitles = [
  'saving',
  'claimed',
  'cost a session with it, 95 % interval',
  'sessions with / held out',
  'worse',
  'verdict',
] as const;

/** What the figures do not hold. */
export function reviewNotes({ now, measures: names, compared, savings, daysSoFar }: Review): readonly string[] {
  const unpriced = Number(now[names.indexOf('unpricedCalls')] ?? 0);
  return [
    ...(daysSoFar === null ? [] : ['The month is not over: sums are those of the days so far, so that only what is per call, task or session compares.']),
    ...(unpriced > 0 ? [`${countText(unpriced)} calls of unknown cost are in no sum of money.`] : []),
    ...(savings.sampled < 1 ? [`Effects of savings are taken from a random ${(savings.sampled * 100).toFixed(1)} % of all sessions.`] : []),
    `${compared} comparisons were made for what changed; with 99 % intervals about one in a hundred shows a change that is none.`,
    'Recommendations are net of what they cost in the prompt cache, and can overlap.',
  ]; // prettier-ignore
}
