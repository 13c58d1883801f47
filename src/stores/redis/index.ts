import { KeyNameTakenError, StoreLimitError } from '../../core/store-errors.ts';
import type { KeyStore, ReplyStore, SessionStore, SettingStore, Stores, VirtualKey } from '../../core/stores.ts';
import { checkAmounts, checkId, checkSetting, checkSize } from '../checks.ts';
import { oldestFirst } from '../key-order.ts';
import { retention, storeLimits, type Retention } from '../limits.ts';
import type { ReplyLimits } from '../memory/replies.ts';
import { connectRedis, type RedisClient, type RedisClientOptions } from './client.ts';
import { createRedisLender } from './lender.ts';
import { putKeyScript, repliesScript, writeSettingScript } from './scripts.ts';

export interface RedisOptions extends RedisClientOptions, ReplyLimits, Partial<Retention> {
  /** What all keys begin with. */
  readonly keyPrefix: string;
}

/** State in Redis 7 or Valkey 8, shared by all processes with the same prefix. */
export async function openRedisStores({ keyPrefix, maxReplyBytes, url, timeoutMs, ...kept }: RedisOptions): Promise<Stores> {
  const client = await connectRedis({ url, timeoutMs });
  const tag = (purpose: string): string => `{${keyPrefix}:${purpose}}`;
  const kinds = { ...retention, ...kept };
  return {
    budgets: createRedisLender(client, tag('budgets'), kinds),
    limits: createRedisLender(client, tag('limits'), kinds),
    keys: createRedisKeys(client, tag('keys')),
    settings: createRedisSettings(client, `${keyPrefix}:setting:`),
    sessions: createRedisSessions(client, `${keyPrefix}:session:`),
    replies: createRedisReplies(client, tag('replies'), maxReplyBytes),
    health: client.health,
    close: client.close,
  };
}

function createRedisKeys(client: RedisClient, tag: string): KeyStore {
  const [byId, byName, version] = [`${tag}:id`, `${tag}:name`, `${tag}:version`];
  return {
    all: async () => (await client.run((redis) => redis.hvals(byId))).map((json) => JSON.parse(json) as VirtualKey).sort(oldestFirst),
    async put(key) {
      checkId(key.id);
      const answer = await client.script(putKeyScript, [byId, byName, version], [key.id, key.name, JSON.stringify(key), storeLimits.keys]);
      if (answer === 0) throw new KeyNameTakenError(key.name);
      if (answer === -1) throw new StoreLimitError(`more than ${storeLimits.keys} keys`);
    },
    version: async () => Number((await client.run((redis) => redis.get(version))) ?? 0),
  };
}

function createRedisSettings(client: RedisClient, prefix: string): SettingStore {
  return {
    async read(name) {
      const [version, value] = await client.run((redis) => redis.hmget(prefix + name, 'version', 'value'));
      return { version: Number(version ?? 0), value: value ?? undefined };
    },
    version: async (name) => Number((await client.run((redis) => redis.hget(prefix + name, 'version'))) ?? 0),
    async write(name, value, version) {
      checkSetting(name, value, version);
      return (await client.script(writeSettingScript, [prefix + name], [value, version])) === 1;
    },
  };
}

function createRedisSessions(client: RedisClient, prefix: string): SessionStore {
  const remove = async (id: string): Promise<void> => {
    await client.run((redis) => redis.del(prefix + id));
  };
  return {
    get: async (id) => (await client.run((redis) => redis.get(prefix + id))) ?? undefined,
    async put(id, value, ttlMs) {
      checkId(id);
      checkAmounts({ ttlMs });
      checkSize('session', Buffer.byteLength(value), storeLimits.sessionBytes);
      if (ttlMs === 0) return remove(id);
      await client.run((redis) => redis.set(prefix + id, value, 'PX', ttlMs));
    },
    delete: remove,
  };
}

function createRedisReplies(client: RedisClient, tag: string, maxReplyBytes: number): ReplyStore {
  const remove = async (key: string): Promise<void> => {
    await client.script(repliesScript, [tag], ['delete', key]);
  };
  return {
    get: async (key) => ((await client.bytes(repliesScript, [tag], ['get', key])) as Buffer | null) ?? undefined,
    async put(key, value, ttlMs) {
      checkId(key);
      checkAmounts({ ttlMs });
      checkSize('reply', value.length, Math.min(storeLimits.replyBytes, maxReplyBytes));
      if (ttlMs === 0) return remove(key);
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      await client.script(repliesScript, [tag], ['put', key, bytes, ttlMs, maxReplyBytes]);
    },
    delete: remove,
  };
}
