import { Redis } from 'ioredis';
import type { Stores } from '../../core/stores.ts';
import { testStores } from '../conformance.ts';
import { breakableWay, freshName, whereServed } from '../testing.ts';
import { openRedisStores } from './index.ts';

whereServed('redis', 'MODICUM_TEST_REDIS_URL', (server) => {
  testStores('redis', async ({ maxReplyBytes = 64 * 1024 * 1024, ...kept } = {}) => {
    const way = await breakableWay({ host: server.hostname, port: Number(server.port || 6379) });
    const url = new URL(server);
    url.host = `127.0.0.1:${way.port}`;
    const keyPrefix = freshName();
    const opened: Stores[] = [];
    const open = async (): Promise<Stores> => {
      opened.push(await openRedisStores({ url: url.href, keyPrefix, maxReplyBytes, timeoutMs: 1000, ...kept }));
      return opened.at(-1)!;
    };
    const stores = await open();
    return {
      stores,
      another: await open(),
      outage: way,
      reopen: async () => {
        await stores.close();
        return open();
      },
      close: async () => {
        await Promise.all(opened.map((each) => each.close()));
        await way.close();
        await removeAll(server.href, keyPrefix);
      },
    };
  });
});

async function removeAll(url: string, keyPrefix: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `*${keyPrefix}:*`, count: 1000 })) {
    const found = keys as string[];
    if (found.length > 0) await redis.del(...found);
  }
  await redis.quit();
}
