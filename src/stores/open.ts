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

/** Opens the engine; those not used are not loaded. @throws {Error} when it cannot serve and waiting would not help */
export async function createStores({ engine, url = '', keyPrefix, timeoutMs, maxReplyBytes }: StateSettings, dir: string): Promise<Stores> {
  switch (engine) {
    case 'memory':
      return createMemoryStores({ maxReplyBytes });
    case 'sqlite':
      return (await import('./sqlite/index.ts')).openSqliteStores({ dir, maxReplyBytes });
    case 'redis':
      return (await import('./redis/index.ts')).openRedisStores({ url, keyPrefix, timeoutMs, maxReplyBytes });
    case 'postgres':
      return (await import('./postgres/index.ts')).openPostgresStores({ url, schema: keyPrefix, timeoutMs, maxReplyBytes });
  }
}
