import { createRequire } from 'node:module';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fakeServer, type FakeServer } from './server.testing.ts';
import { connectClickHouse, type ClickHouse, type ClickHouseConnection } from './client.ts';

/** Where chdb is installed: a folder with `node_modules` in it. Far too large to be a dependency. */
const folder = process.env['MODICUM_TEST_CHDB'];

/** Why tests on the engine itself are left out; `false`: they run, or fail where they must not be left out. */
export const noChdb: string | false =
  folder === undefined && process.env['MODICUM_TEST_ENGINES'] !== 'required' && 'MODICUM_TEST_CHDB is not set: no ClickHouse to test with';

interface Chdb {
  readonly createChdbConnection: (options: { readonly path: string }) => ClickHouseConnection;
}

function connectionTo(path: string): ClickHouseConnection {
  if (folder === undefined) throw new Error('MODICUM_TEST_ENGINES is "required", and MODICUM_TEST_CHDB is not set');
  const { createChdbConnection } = createRequire(join(folder, 'from.js'))('chdb/connection') as Chdb;
  return createChdbConnection({ path });
}

/** The engine of ClickHouse in this process. It can open one directory, and no second process may open the same. */
export const openChdb = (path: string, database = 'modicum'): Promise<ClickHouse> =>
  connectClickHouse({ url: '', database, timeoutMs: 600_000 }, connectionTo(path));

let dir: string | undefined;
let databases = 0;
const sharedDir = (): string => (dir ??= mkdtempSync(join(tmpdir(), 'modicum-chdb-')));

/** A database of its own in the one directory that this process may open; to be closed behind its tests. */
export function freshDatabase(): Promise<ClickHouse> {
  databases += 1;
  return openChdb(sharedDir(), `test_${databases}`);
}

/** Settings of a request that are not the engine's. */
const httpOnly = new Set(['query', 'query_id', 'database', 'session_id', 'default_format']);

/** The engine behind the HTTP interface of a server, for gateways that run as they always do. */
export async function serveChdb(): Promise<FakeServer> {
  const connection = connectionTo(sharedDir());
  const server = await fakeServer(async ({ sql, data, settings }) => {
    const given = [...settings].filter(([name]) => !httpOnly.has(name));
    const result = await connection.exec({ query: `${sql}\n${data}`, clickhouse_settings: Object.fromEntries(given) });
    return text(result.stream);
  });
  const { close } = server;
  return Object.assign(server, {
    close: async () => {
      await close();
      await connection.close();
    },
  });
}
process.once('exit', () => dir !== undefined && rmSync(dir, { recursive: true, force: true }));
