import { languageQuery, languageRows, type LanguageRow } from '../../analytics/languages.ts';
import type { Run } from '../command.ts';
import { exitCodes } from '../errors.ts';
import { countText, usdDecimals, usdText } from '../figure-text.ts';
import { answerOf } from '../query-answer.ts';
import { spanAndFilters } from '../query-request.ts';
import { asUsage } from '../report-request.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Tokens and cost by the language of calls. */
export const run: Run = async (given, terminal) => {
  const query = asUsage(() => languageQuery(spanAndFilters(given, Date.now())));
  const answer = await answerOf(given, terminal, query, () => {});
  const rows = answer ? languageRows(answer) : [];
  if (given.flag('json')) terminal.out(`${JSON.stringify({ languages: rows })}\n`);
  else terminal.out(rows.length === 0 ? 'No call fits.\n' : shown(rows, terminal));
  return exitCodes.ok;
};

function shown(rows: readonly LanguageRow[], { columns: width, paint }: Terminal): string {
  const right = (title: string, cell: (row: LanguageRow) => string): Column => ({ title, align: 'right', cells: rows.map(cell) });
  const decimals = usdDecimals(rows.map(({ costUsd }) => costUsd));
  const text = table(
    [
      { title: 'language', align: 'left', cells: rows.map(({ language }) => language ?? 'not known') },
      right('calls', ({ calls }) => countText(calls)),
      right('tokens', ({ totalTokens }) => countText(totalTokens)),
      right('cost', ({ costUsd }) => usdText(costUsd, decimals)),
      right('as English', ({ englishTokens }) => (englishTokens === null ? '-' : countText(englishTokens))),
      right('due to language', ({ dueToLanguage }) => (dueToLanguage === null ? '-' : `${(dueToLanguage * 100).toFixed(0)}%`)),
    ],
    { width, paint },
  );
  return `${text}\n${paint('dim', 'As English: what the same content takes in English, by measured factors; an estimate.')}\n`;
}
