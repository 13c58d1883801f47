import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

type Created = NonNullable<Parameters<typeof import('@clickhouse/client').createClient>[0]>;
/** How the client reaches an engine that is not behind HTTP; tests give one in this process. */
export type ClickHouseConnection = NonNullable<Created['connection']>;

export interface ClickHouseAddress {
  /** `http://user:password@host:8123`, or `https:`. */
  readonly url: string;
  readonly database: string;
  /** Name of a cluster of the server: tables are made on all of its hosts, and replicated. */
  readonly cluster?: string | undefined;
  /** For one statement. */
  readonly timeoutMs: number;
}

/** A cell of an answer: whole numbers of 64 bits come as text, so that no digit is lost. */
export type Cell = string | number | boolean | null | readonly Cell[];

/** A whole number of an answer; a sum over nothing known is 0. */
export const bigintOf = (cell: Cell | undefined): bigint => BigInt((cell ?? 0) as string | number);

/** What Modicum asks of ClickHouse. Every method rejects with `ClickHouseUnavailableError` when no answer came. */
export interface ClickHouse {
  readonly database: string;
  readonly cluster: string | undefined;
  /** Rows as lists, in the order of the columns asked for. */
  readonly rows: (sql: string) => Promise<readonly (readonly Cell[])[]>;
  readonly run: (sql: string, settings?: ClickHouseSettings) => Promise<void>;
  /** `token`: what is sent again with the same token, and is the same, counts once. */
  readonly insert: (table: string, columns: readonly string[], rows: readonly (readonly unknown[])[], token: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The server refused, or could not be reached. `code` is its number of the error, where it said one. */
export class ClickHouseUnavailableError extends Error {
  readonly code: string | undefined;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message || cause.name : String(cause), { cause });
    const { code } = cause as { readonly code?: unknown };
    this.code = typeof code === 'string' ? code : undefined;
  }
}

/** More than any question of ours is long: a thousand values in each of twenty filters. */
const maxQueryBytes = 64 << 20;
const answerSettings: ClickHouseSettings = {
  max_query_size: String(maxQueryBytes),
  output_format_json_quote_64bit_integers: 1,
};

/** @throws {Error} when the package is missing. A server that is away is no error yet. */
export async function connectClickHouse(
  { url, database, cluster, timeoutMs }: ClickHouseAddress,
  connection?: ClickHouseConnection,
): Promise<ClickHouse> {
  const { createClient } = await import('@clickhouse/client').catch((cause: unknown) => {
    throw new Error('insight.engine "clickhouse" needs the package @clickhouse/client: npm install @clickhouse/client', { cause });
  });
  const client = createClient({
    ...(connection ? { connection } : { url }),
    request_timeout: timeoutMs,
    application: 'modicum',
    max_open_connections: 4,
    log: { level: 127 }, // what goes wrong is said by who asked
  });
  return spoken(client, database, cluster, timeoutMs);
}

function spoken(client: ClickHouseClient, database: string, cluster: string | undefined, timeoutMs: number): ClickHouse {
  const limits: ClickHouseSettings = { max_execution_time: Math.max(1, Math.ceil(timeoutMs / 1000)) };
  return {
    database,
    cluster,
    rows: (query) =>
      guarded(async () => {
        const result = await client.query({ query, format: 'JSONCompact', clickhouse_settings: { ...answerSettings, ...limits } });
        return (await result.json<readonly Cell[]>()).data;
      }),
    run: (query, settings = {}) =>
      guarded(async () => void (await client.command({ query, clickhouse_settings: { ...answerSettings, ...settings } }))),
    insert: (table, columns, values, token) =>
      guarded(async () => {
        if (values.length === 0) return;
        await client.insert({
          table: `${quoted(database)}.${table}`,
          columns: [...columns] as [string, ...string[]],
          values,
          format: 'JSONCompactEachRow',
          clickhouse_settings: {
            insert_deduplicate: 1,
            insert_deduplication_token: token,
            async_insert: 0,
            max_insert_block_size: '1048576',
          },
        });
      }),
    close: () => client.close(),
  };
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ClickHouseUnavailableError(error);
  }
}

/** A name of a database or cluster in SQL; the configuration lets only plain ones through. */
export const quoted = (name: string): string => `\`${name}\``;
