import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { StoreUnavailableError } from '../../core/store-errors.ts';
import { createProbe } from '../probe.ts';

export interface RedisClientOptions {
  /** `redis://[user:password@]host[:port][/database]`, `rediss:` for TLS. */
  readonly url: string;
  /** How long one command may take, connecting included. */
  readonly timeoutMs: number;
}

type Argument = string | number | Buffer;

/** One connection that comes back by itself. A command is sent once and never again: a lease that was granted twice would be held twice. */
export interface RedisClient {
  script(source: string, keys: readonly string[], values: readonly Argument[]): Promise<unknown>;
  /** The same, and texts of the answer stay bytes. */
  bytes(source: string, keys: readonly string[], values: readonly Argument[]): Promise<unknown>;
  run<T>(command: (redis: Redis) => Promise<T>): Promise<T>;
  readonly health: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** @throws {Error} when the package is missing. A server that is away is no error yet. */
export async function connectRedis({ url, timeoutMs }: RedisClientOptions): Promise<RedisClient> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    throw new Error('state.engine "redis" needs the package ioredis: npm install ioredis', { cause });
  });
  const redis = new Redis(url, {
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    socketTimeout: 2 * timeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(50 * times, 1000),
    reconnectOnError: (error) => error.message.startsWith('READONLY'), // a former primary: its address may lead to the new one
  });
  const wrong = watch(redis);
  await firstConnection(redis, timeoutMs);
  const probe = createProbe(async () => {
    await redis.ping();
    wrong.clear();
  });
  const run = async <T>(command: (redis: Redis) => Promise<T>): Promise<T> => {
    try {
      const answer = await command(redis);
      wrong.clear();
      return answer;
    } catch (error) {
      probe.start();
      throw new StoreUnavailableError('redis', wrong.note(error), { cause: error });
    }
  };
  return {
    run,
    script: (source, keys, values) => run((redis) => evaluate(redis, 'call', source, keys, values)),
    bytes: (source, keys, values) => run((redis) => evaluate(redis, 'callBuffer', source, keys, values)),
    health: () => (redis.status === 'ready' ? wrong.text() : (wrong.text() ?? `not connected (${redis.status})`)),
    close: async () => {
      probe.stop();
      if (redis.status === 'ready') await redis.quit().catch(() => {});
      redis.disconnect();
    },
  };
}

/** The last thing that went wrong, until something goes well. */
function watch(redis: Redis) {
  let reason: string | undefined;
  const note = (error: unknown): string => (reason = error instanceof Error ? error.message || error.name : String(error));
  redis.on('error', note);
  redis.on('ready', () => (reason = undefined));
  return { note, text: () => reason, clear: () => (reason = undefined) };
}

/** Waits for it, but not for long: a gateway starts without its engine, and refuses until it is there. */
function firstConnection(redis: Redis, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    redis.once('ready', done);
    redis.once('close', done);
  });
}

const digests = new Map<string, string>();

type Evaluator = 'call' | 'callBuffer';

/** By digest; a server that does not know the script is told it first. */
async function evaluate(
  redis: Redis,
  by: Evaluator,
  source: string,
  keys: readonly string[],
  values: readonly Argument[],
): Promise<unknown> {
  const digest = digests.get(source) ?? createHash('sha1').update(source).digest('hex');
  digests.set(source, digest);
  try {
    return await redis[by]('EVALSHA', digest, keys.length, ...keys, ...values);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    await redis.script('LOAD', source);
    return redis[by]('EVALSHA', digest, keys.length, ...keys, ...values);
  }
}
