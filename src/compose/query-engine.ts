import type { Config } from '../config/schema.ts';
import { clickHouseAnswers } from '../ledger/clickhouse/answers.ts';
import type { ClickHouseAddress } from '../ledger/clickhouse/client.ts';
import type { FollowOptions } from '../ledger/clickhouse/follow.ts';
import { createReader, type LedgerReader } from '../ledger/query/reader.ts';

const dayMs = 24 * 3_600_000;

/** The server that follows the ledger; `undefined`: none does. The check of the configuration saw to the URL. */
export function clickHouseAddress({ insight }: Pick<Config, 'insight'>): ClickHouseAddress | undefined {
  if (insight.engine !== 'clickhouse') return undefined;
  const { url, database, cluster, timeoutMs } = insight.clickhouse;
  return { url: url!, database, cluster, timeoutMs };
}

/** Options of the ledger for a server that follows it. */
export function followOptions(config: Pick<Config, 'insight'>): { readonly clickhouse?: FollowOptions; readonly maxWaitingBytes?: number } {
  const address = clickHouseAddress(config);
  if (!address) return {};
  const { intervalMs, retentionDays, maxWaitingBytes } = config.insight.clickhouse;
  return {
    clickhouse: { address, intervalMs, ...(retentionDays !== undefined && { retentionMs: retentionDays * dayMs }) },
    maxWaitingBytes,
  };
}

/** Whole records come from this gateway's tables, sums from the engine that is configured. @throws {Error} when its package is missing */
export async function openReader(config: Pick<Config, 'dataDir' | 'insight'>): Promise<LedgerReader> {
  const address = clickHouseAddress(config);
  const answers = address && (await clickHouseAnswers(address));
  const reader = createReader(config.dataDir);
  if (!answers) return reader;
  return {
    ...reader,
    answer: (query) => answers.answer(query),
    close: async () => {
      await reader.close();
      await answers.close();
    },
  };
}
