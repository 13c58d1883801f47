import { resolve } from 'node:path';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { kitBodies } from './bodies.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { spread, type Spread } from './figures.ts';
import { entry } from './systems.ts';
import { numbered, quartiles, send, sliceUs, type Call } from './translation.ts';
import { startGateway, type Gateway } from './translation/gateway.ts';
import { lastWords, paths } from './translation/pairs.ts';
import { startUpstream } from './translation/upstream.ts';

export const summary =
  'CPU per call with a key, a budget and limits against without, and calls to Redis for 1,000 requests (of MODICUM_TEST_REDIS_URL); about 1 minute [--rounds --program FILE]';

const flags = { rounds: { type: 'string', default: '31' }, program: { type: 'string' } } as const;
const sliceCalls = 400;
const warmCalls = 3000;
const redisCalls = 4000;
const connections = 16;
const requestBytes = 20 * 1024;

const guards = `keys: { required: true }
budgets:
  - { name: all, limit: { usd: 1000000 }, window: month }
  - { name: each-user, match: { key: '*' }, limit: { usd: 1000000 }, window: day }
limits:
  - { name: each-key, match: { key: '*' }, requests: 100000000, tokens: 100000000000, concurrency: 1000 }
`;

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const options = parseBenchArgs(args, flags);
  const rounds = positive('rounds', options.rounds);
  const program = resolve(options.program ?? entry());
  const { body } = await kitBodies(kitDir);
  const upstream = await startUpstream();
  try {
    const bodyOf = numbered(body('chat', requestBytes, false, 'at-openai'));
    progress('guards: CPU');
    const cpu = await compared(program, upstream.port, bodyOf, rounds);
    progress('guards: Redis');
    const redis = await redisFigure(program, upstream.port, bodyOf);
    const goals = [
      { name: 'CPU with keys, budgets and limits / without', value: cpu.ratio.median, unit: 'x', max: 1.2 },
      { name: 'calls to Redis for 1,000 requests', value: redis, unit: 'calls', max: 15 },
    ];
    return { rounds, requestBytes, ...cpu, redisCallsPer1000: redis, goals: goals.map(judge) };
  } finally {
    await upstream.close();
  }
}

interface Compared {
  readonly plainUs: Spread;
  readonly guardedUs: Spread;
  readonly ratio: Spread;
}

/** Slices of both gateways in turn; a ratio for each neighbouring two. */
async function compared(program: string, port: number, bodyOf: () => string, rounds: number): Promise<Compared> {
  const plain = await startGateway(program, port);
  const guarded = await startGateway(program, port, [], `${guards}state: { engine: memory }\n`);
  const sides = { plain: await callTo(plain, bodyOf, false), guarded: await callTo(guarded, bodyOf, true) };
  const times = { plain: [] as number[], guarded: [] as number[] };
  try {
    for (const side of Object.values(sides)) await send(side, warmCalls);
    for (let round = 0; round < rounds; round += 1)
      for (const name of round % 2 === 0 ? (['plain', 'guarded'] as const) : (['guarded', 'plain'] as const))
        times[name].push(await sliceUs(name === 'plain' ? plain : guarded, sides[name], sliceCalls));
  } finally {
    await Promise.all(Object.values(sides).map(({ pool }) => pool.close()));
    await Promise.all([plain.close(), guarded.close()]);
  }
  return {
    plainUs: spread(times.plain)!,
    guardedUs: spread(times.guarded)!,
    ratio: quartiles(times.plain.map((one, round) => times.guarded[round]! / one)),
  };
}

/** `undefined`: no Redis is named. */
async function redisFigure(program: string, port: number, bodyOf: () => string): Promise<number | undefined> {
  const url = process.env['MODICUM_TEST_REDIS_URL'];
  if (url === undefined) return undefined;
  const keyPrefix = `bench_${process.pid}`;
  const gateway = await startGateway(program, port, [], `${guards}state: { engine: redis, url: '${url}', keyPrefix: ${keyPrefix} }\n`);
  const redis = new Redis(url);
  const call = await callTo(gateway, bodyOf, true);
  try {
    await send(call, warmCalls);
    const before = await scriptsRun(redis);
    await send(call, redisCalls);
    return ((await scriptsRun(redis)) - before) / (redisCalls / 1000);
  } finally {
    await call.pool.close();
    await gateway.close();
    redis.disconnect();
  }
}

/** Everything a gateway asks is a script, or a read of the keys' version. */
async function scriptsRun(redis: Redis): Promise<number> {
  const text = await redis.info('commandstats');
  return [...text.matchAll(/cmdstat_(?:eval|evalsha|get|hget|mget|hgetall):calls=(\d+)/g)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  );
}

async function callTo({ url }: Gateway, bodyOf: () => string, hasKey: boolean): Promise<Call> {
  const pool = new Pool(url, { connections });
  const common = { pool, path: paths['chat'], bodyOf, lastWord: lastWords['chat'].whole };
  if (!hasKey) return common;
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/api/keys',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench' }),
  });
  if (statusCode !== 201) throw new Error(`no key was made: ${await body.text()}`);
  const { secret } = (await body.json()) as { readonly secret: string };
  return { ...common, headers: { authorization: `Bearer ${secret}` } };
}
