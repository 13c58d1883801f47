import type { Answer, Query } from '../analytics/query.ts';
import { configuredInsight } from '../config/data-dir.ts';
import { clickHouseAnswers } from '../ledger/clickhouse/answers.ts';
import type { ClickHouseAddress } from '../ledger/clickhouse/client.ts';
import { queryLedger } from '../ledger/query/open.ts';
import { ReaderError } from '../ledger/query/reader.ts';
import type { Arguments } from './arguments.ts';
import { CliError, exitCodes } from './errors.ts';
import { hasLedger, ledgerDirOf } from './ledger-dir.ts';
import type { Terminal } from './terminal.ts';

/** The ClickHouse server of the configuration, unless a data directory is named. */
export async function configuredClickHouse(given: Arguments, { cwd, env }: Terminal): Promise<ClickHouseAddress | undefined> {
  if (given.text('data') !== undefined) return undefined;
  const { engine, clickhouse } = await configuredInsight({ path: given.text('config'), cwd, env });
  const { url, database, cluster, timeoutMs } = clickhouse;
  return engine === 'clickhouse' && url !== undefined ? { url, database, cluster, timeoutMs } : undefined;
}

/** Answers by the engine that is configured; `undefined`: nothing is recorded yet, in the directory that `tell` is told. */
export async function answerOf(
  given: Arguments,
  terminal: Terminal,
  query: Query,
  tell: (dir: string) => void,
): Promise<Answer | undefined> {
  const address = await configuredClickHouse(given, terminal);
  if (address) return answerOfClickHouse(address, query);
  const dir = await ledgerDirOf(given, terminal);
  if (hasLedger(dir)) return queryLedger(dir, query);
  tell(dir);
  return undefined;
}

async function answerOfClickHouse(address: ClickHouseAddress, query: Query): Promise<Answer> {
  const engine = await clickHouseAnswers(address);
  try {
    return await engine.answer(query);
  } catch (error) {
    throw error instanceof ReaderError ? new CliError(exitCodes.unreachable, error.message, { cause: error }) : error;
  } finally {
    await engine.close();
  }
}
