import { createRequire } from 'node:module';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connectClickHouse, type ClickHouse, type ClickHouseConnection } from './client.ts';

/** Where chdb is installed: a folder with `node_modules` in it. Far too large to be a dependency. */
const folder = process.env['MODICUM_TEST_CHDB'];

/** Why tests on the engine itself are left out; `false`: they run, or fail where they must not be left out. */
export const noChdb: string | false =
  folder === undefined && process.env['MODICUM_TEST_ENGINES'] !== 'required' && 'MODICUM_TEST_CHDB is not set: no ClickHouse to test with';

interface Chdb {
  readonly createChdbConnection: (options: { readonly path: string }) => ClickHouseConnection;
}

/** The engine of ClickHouse in this process. It can open one directory, and no second process may open the same. */
export async function openChdb(path: string, database = 'modicum'): Promise<ClickHouse> {
  if (folder === undefined) throw new Error('MODICUM_TEST_ENGINES is "required", and MODICUM_TEST_CHDB is not set');
  const { createChdbConnection } = createRequire(join(folder, 'from.js'))('chdb/connection') as Chdb;
  return connectClickHouse({ url: '', database, timeoutMs: 600_000 }, createChdbConnection({ path }));
}

let dir: string | undefined;
let databases = 0;

/** A database of its own in the one directory that this process may open; to be closed behind its tests. */
export function freshDatabase(): Promise<ClickHouse> {
  dir ??= mkdtempSync(join(tmpdir(), 'modicum-chdb-'));
  databases += 1;
  return openChdb(dir, `test_${databases}`);
}
process.once('exit', () => dir !== undefined && rmSync(dir, { recursive: true, force: true }));
