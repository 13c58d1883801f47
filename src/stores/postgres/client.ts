import type { Pool, QueryResultRow } from 'pg';
import { StoreUnavailableError } from '../../core/store-errors.ts';
import { createProbe } from '../probe.ts';
import { migratePostgres } from './migrate.ts';
import { postgresMigrations } from './migrations.ts';

export interface PostgresClientOptions {
  /** `postgres://user:password@host:port/database`, with `?sslmode=verify-full` and the like. */
  readonly url: string;
  /** Schema that holds the tables. Made when missing. */
  readonly schema: string;
  /** How long to wait for a connection, and again for one statement. */
  readonly timeoutMs: number;
}

export interface PostgresClient {
  /** Runs one statement. `@` before a name stands for the schema. */
  readonly query: <Row extends QueryResultRow>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  readonly health: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** A program of another version made the schema: waiting does not help. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** @throws {Error} when the package is missing or the schema is not this program's. A server that is away is no error yet. */
export async function connectPostgres({ url, schema, timeoutMs }: PostgresClientOptions): Promise<PostgresClient> {
  if (!/^[a-z_][a-z0-9_]{0,59}$/.test(schema)) throw new RangeError(`"${schema}" cannot be the name of a schema: use a-z, 0-9 and _`);
  const pool = await openPool(url, timeoutMs);
  let reason: string | undefined;
  const note = (error: unknown): string => (reason = error instanceof Error ? error.message || error.name : String(error));
  pool.on('error', note);

  const migrate = onceItWorks(() => migrated(pool, schema));
  const probe = createProbe(async () => {
    await migrate();
    await pool.query('SELECT 1');
    reason = undefined;
  });
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await work();
      reason = undefined;
      return answer;
    } catch (error) {
      note(error);
      probe.start();
      if (error instanceof SchemaError) throw error;
      throw new StoreUnavailableError('postgres', reason!, { cause: error });
    }
  };
  const close = async (): Promise<void> => {
    probe.stop();
    await pool.end();
  };
  await guarded(migrate).catch(async (error: unknown) => {
    if (error instanceof StoreUnavailableError) return;
    await close();
    throw error;
  });
  return {
    query: <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      guarded(async () => {
        await migrate();
        const text = sql.replaceAll('@', `"${schema}".`);
        return (await retried(() => pool.query<Row>(text, [...values]))).rows;
      }),
    health: () => reason,
    close,
  };
}

async function openPool(url: string, timeoutMs: number): Promise<Pool> {
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw new Error('state.engine "postgres" needs the package pg: npm install pg', { cause });
  });
  return new pg.Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs, // the server gives up too: nothing is done long after it was refused
    keepAlive: true,
    application_name: 'modicum',
  });
}

async function migrated(pool: Pool, schema: string): Promise<void> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await migratePostgres(client, schema, postgresMigrations);
  } catch (error) {
    failure = error as Error;
    throw 'code' in failure ? failure : asSchemaError(failure);
  } finally {
    client.release(failure);
  }
}

/** What the check of versions says; what connections say passes. */
const asSchemaError = (error: Error): Error =>
  /schema version/.test(error.message) ? new SchemaError(error.message, { cause: error }) : error;

/** Runs `work` until it has succeeded once; calls meanwhile share one run. */
function onceItWorks(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () =>
    (running ??= work().catch((error: unknown) => {
      running = undefined;
      throw error;
    }));
}

/** Deadlock, serialization failure. */
const again = new Set(['40P01', '40001']);

async function retried<T>(work: () => Promise<T>, attempts = 5): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempts <= 1 || !(error instanceof Error && 'code' in error && again.has(String(error.code)))) throw error;
    return retried(work, attempts - 1);
  }
}
