import type { Stores } from '../core/stores.ts';
import { createMemoryStores } from './memory/index.ts';

/** Which engine, and how. `url` is there for the engines that need it. */
export interface StateSettings {
  readonly engine: 'memory' | 'sqlite' | 'redis' | 'postgres';
  readonly url?: string | undefined;
  readonly keyPrefix: string;
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
}

/** Whether processes of several machines may share it, each speaking to it by itself. */
export const isShared = (engine: StateSettings['engine']): boolean => engine === 'redis' || engine === 'postgres';

/** Opens the engine; those not used are not loaded. @throws {Error} when it cannot serve and waiting would not help */
export const createStores = (settings: StateSettings, dir: string): Promise<Stores> => openers[settings.engine](settings, dir);

const openers: Readonly<Record<StateSettings['engine'], typeof createStores>> = {
  memory: async ({ maxReplyBytes }) => createMemoryStores({ maxReplyBytes }),
  sqlite: async ({ maxReplyBytes }, dir) => (await import('./sqlite/index.ts')).openSqliteStores({ dir, maxReplyBytes }),
  redis: async ({ url = '', keyPrefix, timeoutMs, maxReplyBytes }) =>
    (await import('./redis/index.ts')).openRedisStores({ url, keyPrefix, timeoutMs, maxReplyBytes }),
  postgres: async ({ url = '', keyPrefix, timeoutMs, maxReplyBytes }) =>
    (await import('./postgres/index.ts')).openPostgresStores({ url, schema: keyPrefix, timeoutMs, maxReplyBytes }),
};
