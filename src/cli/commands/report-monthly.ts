import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createCatalog } from '../../catalog/catalog.ts';
import { monthOf, readMonth, shifted, type Month } from '../../compose/review/month.ts';
import { reviewOf, type Review } from '../../compose/review/review.ts';
import type { Target } from '../../compose/review/targets.ts';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { Rollups } from '../../ledger/query/rollups.ts';
import { openUpToDate } from '../../ledger/report.ts';
import type { Arguments } from '../arguments.ts';
import { catalogForReading } from '../configured-catalog.ts';
import { ConfigError } from '../../config/config-error.ts';
import { exitCodes, usageError, type ExitCode } from '../errors.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { reviewHtml } from '../review/html.ts';
import { reviewMarkdown } from '../review/markdown.ts';
import type { Terminal } from '../terminal.ts';

const formats = ['md', 'html'] as const;
type Format = (typeof formats)[number];

/** The efficiency review of a month, the last whole one unless another is named. */
export async function runMonthly(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const nowMs = Date.now();
  const month = monthGiven(given, nowMs);
  const format = formatGiven(given);
  const { baseline, targets } = (await insightOf(given, terminal)) ?? { targets: [] };
  const dir = await ledgerDirOf(given, terminal);
  if (!hasLedger(dir)) {
    terminal.err(`No calls are recorded in ${dir} yet.\n`);
    return exitCodes.failed;
  }
  const review = await reviewed(dir, given, terminal, {
    month,
    nowMs,
    baseline: baseline === undefined ? undefined : readMonth(baseline),
    targets: targets.map(targetOf),
  });
  const written = given.flag('json') ? `${JSON.stringify(review)}\n` : format === 'html' ? reviewHtml(review) : reviewMarkdown(review);
  const out = given.text('out');
  if (out === undefined) terminal.out(written);
  else await writeFile(resolve(terminal.cwd, out), written);
  if (out !== undefined) terminal.err(`The report is in ${out}\n`);
  return exitCodes.ok;
}

async function reviewed(dir: string, given: Arguments, terminal: Terminal, request: Parameters<typeof reviewOf>[2]): Promise<Review> {
  const catalog = await catalogForReading(given, terminal);
  const database = openUpToDate(dir);
  try {
    new Rollups(database).catchUp();
    return await reviewOf(database, catalog, request);
  } finally {
    database.close();
  }
}

function monthGiven(given: Arguments, nowMs: number): Month {
  const name = given.text('month');
  if (name === undefined) return shifted(monthOf(nowMs), -1);
  const month = readMonth(name);
  if (!month) throw usageError(`--month takes a month such as 2026-11, not ${name}`);
  if (month.from >= nowMs) throw usageError(`--month: ${name} has not begun`);
  return month;
}

function formatGiven(given: Arguments): Format {
  const format = given.text('format') ?? (given.text('out')?.endsWith('.html') ? 'html' : 'md');
  if ((formats as readonly string[]).includes(format)) return format as Format;
  throw usageError(`--format takes ${formats.join(' or ')}, not ${format}`);
}

const targetOf = ({ measure, change, app }: Config['insight']['targets'][number]): Target => ({
  measure,
  changePercent: Number(change.slice(0, -1)),
  app,
});

/** Baseline and targets; a configuration that nobody named and that cannot be read is told by who reads the prices of it. */
async function insightOf(given: Arguments, { env, cwd }: Terminal): Promise<Config['insight'] | undefined> {
  const base = createCatalog();
  const pricesAt = (baseUrl: string): string | undefined => base.providerAt(baseUrl);
  try {
    return (await loadConfig({ path: given.text('config'), env, cwd, pricesAt, withoutSecrets: true })).config.insight;
  } catch (error) {
    if (!(error instanceof ConfigError) || given.text('config') !== undefined) throw error;
    return undefined;
  }
}
