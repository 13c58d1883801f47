import { measures, type Answer, type Measure, type Query, type QueryRow } from '../../analytics/query.ts';
import type { Run } from '../command.ts';
import { csvField } from '../csv.ts';
import { exitCodes, usageError } from '../errors.ts';
import { countText, durationText, plainText, timeText, usdDecimals, usdText } from '../figure-text.ts';
import { answerOf } from '../query-answer.ts';
import { queryRequest } from '../query-request.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { self } from '../version.ts';

/** Asks the ledger one question. */
export const run: Run = async (given, terminal) => {
  if (given.flag('json') && given.flag('csv')) throw usageError('query: --json and --csv exclude each other');
  const query = queryRequest(given, Date.now());
  const answer = await answerOf(given, terminal, query, (dir) =>
    terminal.err(`No calls are recorded in ${dir} yet; \`${self} serve\` starts the gateway.\n`),
  );
  if (!answer) return exitCodes.ok;
  if (given.flag('json')) terminal.out(`${JSON.stringify({ query, ...answer })}\n`);
  else if (given.flag('csv')) terminal.out(queryCsv(query, answer));
  else terminal.out(queryText(query, answer, terminal));
  return exitCodes.ok;
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** Exact figures; unknown is empty. */
export function queryCsv({ measures: asked, dimensions = [], bucket, compareTo }: Query, { rows }: Answer): string {
  const header = [...(bucket ? ['time'] : []), ...dimensions, ...asked, ...(compareTo ? asked.map((measure) => `${measure} before`) : [])];
  const lines = rows.map(({ time, keys, values, before = [] }) => [
    ...(time === undefined ? [] : [isoOf(time)]),
    ...keys,
    ...values,
    ...before,
  ]);
  return [header, ...lines].map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}

function queryText(query: Query, answer: Answer, { paint, columns: width }: Terminal): string {
  const { dimensions = [], bucket } = query;
  const hasGroups = bucket !== undefined || dimensions.length > 0;
  const rows = hasGroups ? [...answer.rows, answer.totals] : [answer.totals];
  const left = (title: string, cell: (row: QueryRow) => string, leastWidth?: number): Column => ({
    title,
    align: 'left',
    cells: rows.map((row) => (row === answer.totals ? '' : cell(row))),
    ...(leastWidth !== undefined && { leastWidth }),
  });
  const columns = [
    ...(bucket ? [left('time', ({ time }) => timeText(isoOf(time!)))] : []),
    ...dimensions.map((dimension, place) => left(dimension, ({ keys }) => plainText(keys[place] ?? '-'))),
    ...query.measures.flatMap((measure, place) => measureColumns(measure, rows, place, query.compareTo !== undefined)),
  ];
  const title = `${timeText(isoOf(answer.from))} to ${timeText(isoOf(answer.to))} UTC`;
  const more = answer.otherRows > 0 ? `${paint('dim', `${answer.otherRows} more rows; --limit shows more.`)}\n` : '';
  return `${paint('bold', title)}\n\n${table(columns, { width, paint, hasTotals: hasGroups })}\n${more}`;
}

function measureColumns(measure: Measure, rows: readonly QueryRow[], place: number, isCompared: boolean): Column[] {
  const values = rows.map(({ values: all }) => all[place] ?? null);
  const show = shower(measure, values);
  const column: Column = { title: measure, align: 'right', cells: values.map(show) };
  if (!isCompared) return [column];
  const changes = rows.map((row) => changeText(row.values[place] ?? null, row.before?.[place] ?? null));
  return [column, { title: 'change', align: 'right', cells: changes, rank: 1 }];
}

/** One number of decimals for a column, so that amounts compare by eye. */
function shower(measure: Measure, values: readonly (number | string | null)[]): (value: number | string | null) => string {
  const { unit } = measures[measure];
  const decimals = usdDecimals(values.map((value) => (value === null ? null : String(value))));
  return (value) => {
    if (value === null) return '-';
    if (unit === 'usd') return usdText(String(value), decimals);
    if (unit === 'ms') return durationText(Number(value));
    if (unit === 'ratio') return `${(Number(value) * 100).toFixed(1)}%`;
    return unit === 'count' || unit === 'tokens' ? countText(Number(value)) : Number(value).toFixed(2);
  };
}

function changeText(now: number | string | null, before: number | string | null): string {
  if (now === null || before === null || Number(before) === 0) return '-';
  const change = (Number(now) / Number(before) - 1) * 100;
  return `${change >= 0 ? '+' : ''}${change.toFixed(1)}%`;
}
