import type { Recommendation, Recommendations } from '../../analytics/recommendation.ts';
import { recommend } from '../../compose/recommend/recommend.ts';
import { withLedger } from '../../ledger/report.ts';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { catalogForReading } from '../configured-catalog.ts';
import { exitCodes } from '../errors.ts';
import { countText, plainText, timeText, usdDecimals, usdText } from '../figure-text.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { selection } from '../report-request.ts';
import type { Terminal } from '../terminal.ts';

const defaultTop = 10;
const defaultSpanMs = 30 * 86_400_000;
/** Lines of arithmetic shown of one recommendation. */
const shownLines = 4;

/** Tells what would save money, out of the ledger. It changes nothing. */
export const run: Run = async (given, terminal) => {
  const found = await recommended(given, terminal, Date.now());
  const all = found.recommendations;
  const top = given.whole('top') ?? (given.flag('json') ? 0 : defaultTop);
  const shown = { ...found, recommendations: top === 0 ? all : all.slice(0, top) };
  terminal.out(given.flag('json') ? `${JSON.stringify(shown)}\n` : recommendText(shown, all.length, terminal));
  return exitCodes.ok;
};

async function recommended(given: Arguments, terminal: Terminal, nowMs: number): Promise<Recommendations> {
  const { since, until: to = nowMs } = selection(given, nowMs);
  const from = since ?? to - defaultSpanMs;
  const dir = await ledgerDirOf(given, terminal);
  if (!hasLedger(dir)) return { from, to, asOf: nowMs, calls: 0, isCut: false, costUsd: '0', recommendations: [], unpriced: 0 };
  const catalog = await catalogForReading(given, terminal);
  return withLedger(dir, (database) => recommend(database, catalog, { from, to, nowMs }));
}

type Style = Pick<Terminal, 'paint'>;

function recommendText({ from, to, calls, costUsd, recommendations, unpriced, isCut }: Recommendations, of: number, style: Style): string {
  const { paint } = style;
  const span = `${timeText(new Date(from).toISOString())} to ${timeText(new Date(to).toISOString())}`;
  const head = `${countText(calls)} calls, ${money(costUsd)}, ${span}`;
  if (recommendations.length === 0) return `${paint('bold', head)}\n\nNothing that the ledger shows would save money.\n`;
  const notes = [
    ...(recommendations.length < of ? [`The first ${recommendations.length} of ${of}; --top 0 shows all.`] : []),
    ...(isCut ? ['The span held more calls than are looked at: these are the newest.'] : []),
    ...(unpriced > 0 ? [`${countText(unpriced)} calls without a known price: nothing is said about them.`] : []),
    'Savings are net of what they cost in the prompt cache. They can overlap. Nothing was changed.',
  ];
  return `${paint('bold', head)}\n\n${recommendations.map((each, at) => oneText(each, at, style)).join('\n')}\n${notes.map((note) => `${paint('dim', note)}\n`).join('')}`;
}

function oneText(
  { title, savedUsd, basis, confidence, calls, arithmetic, advice, action, evidence }: Recommendation,
  at: number,
  { paint }: Style,
): string {
  const more = arithmetic.length - shownLines;
  return [
    paint('bold', `${at + 1}. ${money(savedUsd)}  ${plainText(title)}`),
    ...arithmetic.slice(0, shownLines).map(({ text }) => `   ${plainText(text)}`),
    ...(more > 0 ? [`   and ${more} more lines, all in --json`] : []),
    paint('dim', `   ${countText(calls)} calls; ${basis}, confidence ${confidence.level}: ${confidence.why}`),
    paint('dim', `   ${plainText(evidence.link)}`),
    `   ${advice} (${action.guide})`,
    ...action.config.split('\n').filter((line) => line !== '').map((line) => `     ${plainText(line)}`),
    '',
  ].join('\n'); // prettier-ignore
}

const money = (amount: string): string => usdText(amount, usdDecimals([amount]));
