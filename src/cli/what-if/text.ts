import type { Row, WhatIfResult } from '../../what-if/result.ts';
import type { Sums } from '../../what-if/sums.ts';
import { money } from '../audit/text.ts';
import { countText, plainText } from '../figure-text.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { calibrationText, changeLines, headline, noteLines, ownText, percent, savedText, type Told } from './words.ts';

/** Rows of one table in the terminal; all are in the JSON. */
const shownRows = 15;
const barLength = 24;
/** `today, as recorded` is not cut. */
const leastNameWidth = 18;

type Style = Pick<Terminal, 'paint' | 'columns'>;

/** The what-if for people. */
export function whatIfText(told: Told, style: Style): string {
  const { result } = told;
  const { paint } = style;
  const section = (title: string, body: string): string => (body === '' ? '' : `${paint('bold', title)}\n\n${body}\n`);
  return [
    `${paint('bold', headline(result))}\n\n`,
    `${billTable(result, style)}\n`,
    result.calibration ? `${calibrationText(result.calibration)}\n` : '',
    result.expected === null ? '' : `Expected of the real bill under the policy: ${money(result.expected)}.\n\n`,
    section('By change, in the order in which they see a call', stageTable(result, style)),
    section('By model', rowTable(result.byModel, 'model', style)),
    section('By app', result.byApp.length > 1 ? rowTable(result.byApp, 'app', style) : ''),
    section('What changes', changeLines(result).map((line) => `${line}\n`).join('')), // prettier-ignore
    ...noteLines(told).map((note) => `${paint('dim', note)}\n`),
  ].join('');
}

const left = (title: string, cells: readonly string[], rest: Partial<Column> = {}): Column => ({ title, align: 'left', cells, ...rest });
const right = (title: string, cells: readonly string[], rest: Partial<Column> = {}): Column => ({ title, align: 'right', cells, ...rest });

function billTable({ today, baseline, policy }: WhatIfResult, { paint, columns: width }: Style): string {
  const bills: readonly (readonly [string, Sums])[] = [
    ...(today ? [['today, as recorded', today] as const] : []),
    ['today, rehearsed', baseline],
    ['under the policy', policy],
  ];
  const most = Math.max(1, ...bills.map(([, { cost }]) => cost));
  const cells = (of: (sums: Sums) => string): readonly string[] => bills.map(([, sums]) => of(sums));
  return table(
    [
      left('bill', bills.map(([name]) => name), { leastWidth: leastNameWidth }), // prettier-ignore
      right('cost', cells(costText), { style: 'green' }),
      left('', cells(({ cost }) => '█'.repeat(Math.round((barLength * cost) / most))), { rank: 1, style: 'cyan' }), // prettier-ignore
      right('input', cells(({ inputTokens }) => countText(inputTokens)), { rank: 3 }), // prettier-ignore
      right('cache read', cells(({ cacheReadTokens }) => countText(cacheReadTokens)), { rank: 2 }), // prettier-ignore
      right('cache write', cells(({ cacheWriteTokens }) => countText(cacheWriteTokens)), { rank: 2 }), // prettier-ignore
      right('output', cells(({ outputTokens }) => countText(outputTokens)), { rank: 3 }), // prettier-ignore
    ],
    { width, paint },
  );
}

/** Unknown where no call of them has a price. */
export const costText = ({ calls, unpricedCalls, cost }: Sums): string => money(calls > 0 && unpricedCalls === calls ? null : cost);

function stageTable({ stages, baseline }: WhatIfResult, { paint, columns: width }: Style): string {
  if (stages.length === 0) return '';
  const hasWithout = stages.some(({ savedAgainstWithout }) => savedAgainstWithout !== undefined);
  return table(
    [
      left('change', stages.map(({ stage }) => stage)), // prettier-ignore
      right('saved', stages.map(({ saved }) => savedText(saved)), { style: 'green' }), // prettier-ignore
      right('of the bill', stages.map(({ saved }) => percent(baseline.cost === 0 ? null : saved / baseline.cost))), // prettier-ignore
      ...(hasWithout ? [right('left out alone', stages.map(withoutText))] : []),
      left("by the stage's own account", stages.map(ownText), { rank: 1 }),
    ],
    { width, paint },
  );
}

export const withoutText = ({ savedAgainstWithout: saved }: WhatIfResult['stages'][number]): string =>
  saved === undefined ? '-' : savedText(saved);

function rowTable(rows: readonly Row[], title: string, { paint, columns: width }: Style): string {
  const shown = rows.slice(0, shownRows);
  const cells = (of: (row: Row) => string): readonly string[] => shown.map(of);
  const cost = (sums: Sums | undefined): string => (sums ? costText(sums) : '-');
  const calls = (sums: Sums | undefined): string => (sums ? countText(sums.calls) : '-');
  const drawn = table(
    [
      left(title, cells(({ key }) => plainText(key ?? '(not told)'))), // prettier-ignore
      right('calls today', cells(({ baseline }) => calls(baseline)), { rank: 1 }), // prettier-ignore
      right('policy', cells(({ policy }) => calls(policy)), { rank: 1 }), // prettier-ignore
      ...(rows.some(({ today }) => today) ? [right('recorded', cells(({ today }) => cost(today)), { rank: 2 })] : []), // prettier-ignore
      right('rehearsed', cells(({ baseline }) => cost(baseline))), // prettier-ignore
      right('policy', cells(({ policy }) => cost(policy))), // prettier-ignore
      right('saved', cells(savedIn), { style: 'green' }),
    ],
    { width, paint },
  );
  return rows.length > shownRows ? `${drawn}${rows.length - shownRows} more in --json\n` : drawn;
}

/** Unknown as soon as one side is not priced. */
export function savedIn({ baseline, policy }: Row): string {
  const isUnknown = [baseline, policy].some((sums) => sums && sums.unpricedCalls === sums.calls);
  return isUnknown ? 'unknown' : savedText((baseline?.cost ?? 0) - (policy?.cost ?? 0));
}
