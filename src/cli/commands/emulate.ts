import { once } from 'node:events';
import type { Bill, BillTotals } from '../../emulator/bill/bill.ts';
import { billJson } from '../../emulator/bill/bill.ts';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { faults, isFaultName } from '../../emulator/faults.ts';
import type { EmulatorOptions } from '../../emulator/options.ts';
import { usd } from '../../ledger/money.ts';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { exitCodes, failure, usageError } from '../errors.ts';
import { countText, usdDecimals, usdText } from '../figure-text.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export const defaultPort = 4100;

/** Serves the vendors' APIs without a model until it is interrupted; then says what it would have billed. */
export const run: Run = async (given, terminal) => {
  const options = emulatorOptions(given);
  const interrupted = terminal.interrupted();
  const emulator = created(options);
  const { url } = await listening(emulator, given.whole('port') ?? defaultPort);
  terminal.err(banner(url));
  if (!interrupted.aborted) await once(interrupted, 'abort');
  const bill = emulator.bill();
  await emulator.close();
  terminal.out(given.flag('json') ? `${billJson({ ...bill, calls: [] })}\n` : billText(bill, terminal));
  return exitCodes.ok;
};

function emulatorOptions(given: Arguments): EmulatorOptions {
  const pacing = {
    firstByteMs: given.number('first-byte-ms') ?? 0,
    betweenChunksMs: given.number('between-chunks-ms') ?? 0,
    chunkTokens: Math.max(1, given.whole('chunk-tokens') ?? 8),
  };
  const seed = given.whole('seed');
  const probabilities = Object.fromEntries(given.list('fault').map(fault));
  return {
    pacing,
    ...(seed !== undefined && { seed }),
    ...(Object.keys(probabilities).length > 0 && { faults: { probabilities, ...(seed !== undefined && { seed }) } }),
    recordCalls: false,
  };
}

function fault(written: string): readonly [string, number] {
  const [name = '', chance = ''] = written.split(':');
  if (!isFaultName(name)) throw usageError(`--fault: "${name}" is none of ${Object.keys(faults).join(', ')}, status-NNN`);
  if (!/^(0(\.\d+)?|1(\.0+)?|\.\d+)$/.test(chance)) throw usageError(`--fault: write ${name}:PROBABILITY, from 0 to 1`);
  return [name, Number(chance)];
}

function created(options: EmulatorOptions): Emulator {
  try {
    return createEmulator(options);
  } catch (error) {
    if (error instanceof RangeError) throw usageError(`--fault: ${error.message}`);
    throw error;
  }
}

async function listening(emulator: Emulator, port: number): Promise<{ readonly url: string }> {
  try {
    return await emulator.listen({ port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw failure(`127.0.0.1:${port} is taken; choose another: --port ${port + 1}, or 0 for any`, error);
  }
}

const banner = (url: string): string =>
  [
    `The emulator listens on ${url}`,
    `  OPENAI_BASE_URL=${url}/v1`,
    `  ANTHROPIC_BASE_URL=${url}`,
    `  GOOGLE_GEMINI_BASE_URL=${url}`,
    `Any key will do. ${url}/__emulator/bill shows its bill; ctrl-C ends it.`,
    '',
  ].join('\n');

function billText({ totals, byModel }: Bill, { paint, columns: width }: Terminal): string {
  const rows = [...Object.entries(byModel), ['total', totals] as const] as const;
  const cost = ({ costNanoUsd }: BillTotals): string => usd(costNanoUsd);
  const decimals = usdDecimals([cost(totals)]);
  const sum = ({ buckets }: BillTotals, pattern: RegExp): string =>
    countText(Object.entries(buckets).reduce((total, [bucket, count]) => (pattern.test(bucket) ? total + count : total), 0));
  const cells = (cell: (row: BillTotals) => string): readonly string[] => rows.map(([, row]) => cell(row));
  return table(
    [
      { title: 'model', align: 'left', cells: rows.map(([name]) => name) },
      { title: 'billed', align: 'right', style: 'green', cells: cells((row) => usdText(cost(row), decimals)) },
      { title: 'fresh', align: 'right', cells: cells((row) => sum(row, /^input/)) },
      { title: 'cached', align: 'right', cells: cells((row) => sum(row, /^cacheRead/)) },
      { title: 'written', align: 'right', cells: cells((row) => sum(row, /^cacheWrite/)) },
      { title: 'output', align: 'right', cells: cells((row) => sum(row, /^output/)) },
      { title: 'reasoning', align: 'right', cells: cells((row) => sum(row, /^reasoning/)) },
      { title: 'calls', align: 'right', cells: cells(({ calls }) => countText(calls)) },
      { title: 'unpriced', align: 'right', rank: 1, cells: cells(({ unpricedCalls }) => countText(unpricedCalls)) },
    ],
    { width, paint, hasTotals: true },
  );
}
