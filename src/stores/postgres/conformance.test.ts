import pg from 'pg';
import type { Stores } from '../../core/stores.ts';
import { testStores } from '../conformance.ts';
import { breakableWay, freshName, whereServed } from '../testing.ts';
import { openPostgresStores } from './index.ts';

whereServed('postgres', 'MODICUM_TEST_POSTGRES_URL', (server) => {
  testStores('postgres', async ({ maxReplyBytes = 64 * 1024 * 1024, ...kept } = {}) => {
    const way = await breakableWay({ host: server.hostname, port: Number(server.port || 5432) });
    const url = new URL(server);
    url.host = `127.0.0.1:${way.port}`;
    const schema = freshName();
    const opened: Stores[] = [];
    const open = async (): Promise<Stores> => {
      opened.push(await openPostgresStores({ url: url.href, schema, maxReplyBytes, timeoutMs: 2000, ...kept }));
      return opened.at(-1)!;
    };
    const stores = await open();
    return {
      stores,
      another: await open(),
      outage: way,
      reopen: async () => {
        await opened.shift()!.close();
        return open();
      },
      close: async () => {
        await Promise.all(opened.map((each) => each.close()));
        await way.close();
        await dropSchema(server.href, schema);
      },
    };
  });
});

async function dropSchema(connectionString: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('SET client_min_messages TO error');
  await client.query(`DROP SCHEMA "${schema}" CASCADE`);
  await client.end();
}
