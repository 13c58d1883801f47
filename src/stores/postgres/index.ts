import { KeyNameTakenError, StoreLimitError } from '../../core/store-errors.ts';
import type { KeyStore, ReplyStore, SessionStore, SettingStore, Stores, VirtualKey } from '../../core/stores.ts';
import { checkAmounts, checkId, checkSetting, checkSize } from '../checks.ts';
import { retention, storeLimits, type Retention } from '../limits.ts';
import type { ReplyLimits } from '../memory/replies.ts';
import { connectPostgres, type PostgresClient, type PostgresClientOptions } from './client.ts';
import { createPostgresLender } from './lender.ts';

export interface PostgresOptions extends PostgresClientOptions, ReplyLimits, Partial<Retention> {}

/** State in Postgres, shared by all processes with the same schema. */
export async function openPostgresStores({ maxReplyBytes, url, schema, timeoutMs, ...kept }: PostgresOptions): Promise<Stores> {
  const client = await connectPostgres({ url, schema, timeoutMs });
  const kinds = { ...retention, ...kept };
  return {
    budgets: createPostgresLender(client, 'budgets', kinds),
    limits: createPostgresLender(client, 'limits', kinds),
    keys: createPostgresKeys(client),
    settings: createPostgresSettings(client),
    sessions: createPostgresSessions(client),
    replies: createPostgresReplies(client, maxReplyBytes),
    health: client.health,
    close: client.close,
  };
}

function createPostgresKeys({ query }: PostgresClient): KeyStore {
  return {
    all: async () =>
      (await query<{ body: VirtualKey }>('SELECT body FROM @virtual_key ORDER BY made_at, id COLLATE "C"')).map(({ body }) => body),
    async put(key) {
      checkId(key.id);
      const values = [key.id, key.name, key.createdAt, JSON.stringify(key), storeLimits.keys];
      const [row] = await query<{ answer: number }>('SELECT @put_key($1, $2, $3, $4, $5) AS answer', values);
      if (row!.answer === 0) throw new KeyNameTakenError(key.name);
      if (row!.answer === -1) throw new StoreLimitError(`more than ${storeLimits.keys} keys`);
    },
    version: async () => Number((await query<{ version: string }>('SELECT version FROM @key_version'))[0]!.version),
  };
}

function createPostgresSettings({ query }: PostgresClient): SettingStore {
  return {
    async read(name) {
      const [row] = await query<{ version: string; value: string }>('SELECT version, value FROM @setting WHERE name = $1', [name]);
      return { version: Number(row?.version ?? 0), value: row?.value };
    },
    version: async (name) =>
      Number((await query<{ version: string }>('SELECT version FROM @setting WHERE name = $1', [name]))[0]?.version ?? 0),
    async write(name, value, version) {
      checkSetting(name, value, version);
      const change =
        version === 0
          ? 'INSERT INTO @setting VALUES ($1, $3 + 1, $2) ON CONFLICT DO NOTHING RETURNING 1'
          : 'UPDATE @setting SET version = version + 1, value = $2 WHERE name = $1 AND version = $3 RETURNING 1';
      return (await query(change, [name, value, version])).length === 1;
    },
  };
}

function createPostgresSessions({ query }: PostgresClient): SessionStore {
  return {
    get: async (id) => (await query<{ value: string }>('SELECT value FROM @session WHERE id = $1 AND ends_at > @now_ms()', [id]))[0]?.value,
    async put(id, value, ttlMs) {
      checkId(id);
      checkAmounts({ ttlMs });
      checkSize('session', Buffer.byteLength(value), storeLimits.sessionBytes);
      await query(putSession, [id, value, ttlMs]);
    },
    async delete(id) {
      await query('DELETE FROM @session WHERE id = $1', [id]);
    },
  };
}

/** Takes a few that have ended along, so that their number stays bounded by that of the living. */
const putSession = `
WITH ended AS (
  DELETE FROM @session WHERE id IN (
    SELECT id FROM @session WHERE ends_at <= @now_ms() AND id <> $1 LIMIT 16 FOR UPDATE SKIP LOCKED
  )
)
INSERT INTO @session VALUES ($1, $2, @now_ms() + $3)
ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value, ends_at = EXCLUDED.ends_at`;

function createPostgresReplies({ query }: PostgresClient, maxReplyBytes: number): ReplyStore {
  return {
    get: async (key) =>
      (
        await query<{ value: Buffer }>(
          `UPDATE @reply SET used = nextval('@reply_use') WHERE id = $1 AND ends_at > @now_ms() RETURNING value`,
          [key],
        )
      )[0]?.value,
    async put(key, value, ttlMs) {
      checkId(key);
      checkAmounts({ ttlMs });
      checkSize('reply', value.length, Math.min(storeLimits.replyBytes, maxReplyBytes));
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      await query('SELECT @put_reply($1, $2, $3, $4)', [key, bytes, ttlMs, maxReplyBytes]);
    },
    async delete(key) {
      await query('SELECT @remove_reply($1)', [key]);
    },
  };
}
