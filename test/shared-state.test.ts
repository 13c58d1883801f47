import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { ConfigInput } from '../src/config/schema.ts';
import { breakableWay, freshName } from '../src/stores/testing.ts';
import { scripted, words } from './calls.ts';
import { until } from './harness.ts';
import { workingFolder } from './program.ts';
import { ask, budgetOf, emulatorFor, many, recordsIn, serve, spentIn } from './served.ts';

const redisUrl = process.env['MODICUM_TEST_REDIS_URL'];
const dollar = 1_000_000_000;
const budgets = [{ name: 'all', limit: { usd: 1 }, window: 'day' as const }];
const names = ['a', 'b', 'c'];

const sharing = (keyPrefix: string, url = redisUrl!, allowances: ConfigInput['allowances'] = {}): Partial<ConfigInput> => ({
  state: { engine: 'redis', url, keyPrefix },
  budgets,
  allowances: { processes: 3, ...allowances },
});

describe('3 gateways over Redis', { skip: redisUrl === undefined && 'MODICUM_TEST_REDIS_URL is not set' }, () => {
  test('1,000 calls at one time: not a nano-dollar more than the budget, and the three ledgers sum to what it spent', async (t) => {
    const { emulator, url: upstream } = await emulatorFor(t);
    const cwd = workingFolder(t);
    const config = sharing(freshName());
    const gateways = await Promise.all(names.map((name) => serve(t, cwd, upstream, config, name)));
    const answers = await many(1000, (index) => ask(gateways[index % 3]!.url, {}, scripted(words(1900))));
    assert.deepEqual(answers.map(({ status }) => status).filter((status) => ![200, 402, 429].includes(status)), []); // prettier-ignore
    const made = (): number => gateways.reduce((sum, { dataDir }) => sum + recordsIn(dataDir).length, 0);
    await until(() => made() === 1000, 'all records');
    const spent = gateways.reduce((sum, { dataDir }) => sum + spentIn(dataDir), 0);
    assert.equal(BigInt(spent), emulator.bill().totals.costNanoUsd);
    assert.ok(spent <= dollar && spent > 0.8 * dollar, `${spent}`);
    await until(async () => (await budgetOf(gateways[0]!.url)).spent === spent, 'all to have said what they spent');
  });

  test('without caps: at most what the calls that were let in used beyond what was reserved for them', async (t) => {
    const { url: upstream } = await emulatorFor(t);
    const cwd = workingFolder(t);
    const config = sharing(freshName(), redisUrl, { outputTokens: 500 });
    const gateways = await Promise.all(names.map((name) => serve(t, cwd, upstream, config, name)));
    await many(1000, (index) => ask(gateways[index % 3]!.url, { max_completion_tokens: undefined }, scripted(words(1900))));
    await until(() => gateways.reduce((sum, { dataDir }) => sum + recordsIn(dataDir).length, 0) === 1000, 'all records');
    const records = gateways.flatMap(({ dataDir }) => recordsIn(dataDir)).filter(({ attempts }) => attempts.length > 0);
    const spent = records.reduce((sum, { cost }) => sum + cost.total!, 0);
    // Each reserved at least 500 tokens at $2 a million, and was let in only where that fitted.
    const excess = records.reduce((sum, { cost }) => sum + Math.max(0, cost.total! - 1_000_000), 0);
    assert.ok(spent > dollar && spent <= dollar + excess, `${spent} of ${dollar + excess}`);
  });

  test('one killed in the middle of calls: its next life takes what it spent from its ledger, and nothing stays held', async (t) => {
    const { url: upstream } = await emulatorFor(t, { pacing: { firstByteMs: 500 } });
    const cwd = workingFolder(t);
    const config = sharing(freshName(), redisUrl, { leaseTtlMs: 2000, statementMs: 60_000 });
    const first = await serve(t, cwd, upstream, config, 'a');
    const other = await serve(t, cwd, upstream, config, 'b');
    const said = await many(5, () => ask(first.url, {}, scripted(words(100))));
    assert.deepEqual([...new Set(said.map(({ status }) => status))], [200]);
    const cut = many(20, () => ask(first.url, {}, scripted(words(1900))));
    await sleep(200);
    first.child.kill('SIGKILL');
    await cut;
    const again = await serve(t, cwd, upstream, config, 'a');
    assert.ok(spentIn(again.dataDir) > 0);
    await until(async () => {
      const { spent, held } = await budgetOf(other.url);
      return held === 0 && spent === spentIn(again.dataDir);
    }, 'the budget to say what the ledger of the dead one says');
  });

  test('Redis away: calls are refused, and let in again when it is back, without a hand', async (t) => {
    const { hostname, port } = new URL(redisUrl!);
    const way = await breakableWay({ host: hostname, port: Number(port || 6379) });
    t.after(way.close);
    const { url: upstream } = await emulatorFor(t);
    const config = sharing(freshName(), `redis://127.0.0.1:${way.port}`, { onUnavailable: 'refuse', statementMs: 50 });
    const { url } = await serve(t, workingFolder(t), upstream, config);
    const status = async (): Promise<number> => (await ask(url, {}, scripted('Blue.'))).status;
    assert.equal(await status(), 200);
    await way.begin('refusing');
    await until(async () => (await status()) === 503, 'calls to be refused');
    await way.end();
    await until(async () => (await status()) === 200, 'calls to be let in again');
  });

  test('under steady load at most 15 calls to Redis for 1,000 requests', async (t) => {
    const { url: upstream } = await emulatorFor(t);
    const limits = [{ name: 'much', requests: 1_000_000, tokens: 1e11 }];
    const roomy = [{ name: 'all', limit: { usd: 1000 }, window: 'month' as const }];
    // Statements and looks go by the clock, a few a second, whatever the machine manages meanwhile: none of them falls into the measurement.
    const seldom = { allowances: { statementMs: 60_000, refreshMs: 60_000, leaseTtlMs: 3_600_000 }, keys: { refreshMs: 60_000 } };
    const config = { ...sharing(freshName()), ...seldom, budgets: roomy, limits };
    const { url } = await serve(t, workingFolder(t), upstream, config);
    const redis = new Redis(redisUrl!);
    t.after(() => redis.disconnect());
    const batch = (): Promise<unknown> => many(250, () => ask(url, { max_completion_tokens: 10 }, scripted('Blue.')));
    await batch();
    const before = await scriptCalls(redis);
    for (let round = 0; round < 8; round += 1) await batch();
    const calls = (await scriptCalls(redis)) - before;
    t.diagnostic(`${(calls / 2).toFixed(1)} calls to Redis for 1,000 requests`);
    assert.ok(calls <= 2 * 15, `${calls} for 2,000 requests`);
  });
});

/** Scripts run by the server so far, by whoever asked. */
async function scriptCalls(redis: Redis): Promise<number> {
  const text = await redis.info('commandstats');
  return [...text.matchAll(/cmdstat_(?:eval|evalsha|fcall|get|mget|hget|hgetall|incr|time):calls=(\d+)/g)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  );
}
