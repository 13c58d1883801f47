import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, CallRecord } from '../core/record.ts';
import { call, cost, temporaryDir } from '../ledger/fixtures.ts';
import { openLedger } from '../ledger/ledger.ts';
import { ledgerWith, ran } from './testing.ts';

const at = Date.UTC(2026, 10, 25, 9);

const attempt = (changes: Partial<Attempt>): Attempt => ({
  provider: 'relay',
  hosting: 'api',
  requestModel: 'own-7b',
  model: 'own-7b',
  responseId: undefined,
  status: 200,
  outcome: 'ok',
  finishReason: 'stop',
  usage: { buckets: { input: 1_000_000, output: 100_000 }, source: 'provider', flags: [], raw: undefined },
  served: {},
  cost: cost(null),
  at,
  timeToFirstByteMs: 10,
  durationMs: 100,
  ...changes,
});
const unpriced = call({
  at,
  model: 'own-7b',
  provider: 'relay',
  cost: cost(null),
  attempts: [attempt({})],
  labels: { app: 'lab', user: 'u\u001b[31m' },
});
const free = call({
  at: at + 1,
  operation: 'count_tokens',
  cost: { ...cost(0), status: 'free' },
  attempts: [attempt({ cost: { ...cost(0), status: 'free' } })],
});

test('tail: one line a call, oldest first, labels harmless', async (context) => {
  const dir = await ledgerWith(context, [unpriced, call({ at: at + 1000, durationMs: 1234.5 })]);
  const { code, out } = await ran(['tail', '--data', dir, '--no-follow']);
  assert.equal(code, 0);
  assert.equal(
    out,
    [
      '09:00:00  ok  own-7b  unpriced  fresh 100 cached 900 out 50  1.23s  app=lab user=u?[31m',
      '09:00:01  ok  claude-sonnet-4-5  $0.001320  fresh 100 cached 900 out 50  1.23s',
      '',
    ].join('\n'),
  );
});

test('tail --json: whole records, with the cost that counts as a decimal', async (context) => {
  const dir = await ledgerWith(context, [call({ at }), unpriced]);
  const lines = (await ran(['tail', '--data', dir, '--no-follow', '--json'])).out.trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as CallRecord & { costUsd: string | null });
  assert.deepEqual(
    records.map(({ model, costUsd }) => [model, costUsd]),
    [
      ['claude-sonnet-4-5', '0.00132'],
      ['own-7b', null],
    ],
  );
});

test('tail: --limit, --since and filters choose', async (context) => {
  const dir = await ledgerWith(context, [call({ at, labels: { app: 'a' } }), call({ at: at + 60_000, labels: { app: 'b' } }), call({ at: at + 120_000, labels: { app: 'a' } })]); // prettier-ignore
  const count = async (...argv: readonly string[]): Promise<number> =>
    (await ran(['tail', '--data', dir, '--no-follow', ...argv])).out.split('\n').length - 1;
  assert.deepEqual(
    await Promise.all([
      count(),
      count('--limit', '2'),
      count('--limit', '0'),
      count('--since', '2026-11-25T09:01'),
      count('--since', '2026-11-25', '--limit', '1'),
      count('--filter', 'app=a'),
    ]),
    [3, 2, 0, 2, 1, 2],
  );
});

test('tail follows a ledger that begins while it waits, and ends when interrupted', async (context) => {
  const dir = join(temporaryDir(context), 'later');
  const stop = new AbortController();
  let out = '';
  const following = ran(['tail', '--data', dir], { interrupted: () => stop.signal, out: (text) => void (out += text) });
  const ledger = await openLedger({ dir });
  const seen = async (text: string): Promise<void> => {
    while (!out.includes(text)) await sleep(20);
  };
  ledger.append(call({ at, model: 'first' }));
  await ledger.durable();
  await seen('first');
  ledger.append(call({ at, model: 'second' }));
  await ledger.durable();
  await seen('second');
  stop.abort();
  assert.equal((await following).code, 0);
  await ledger.close();
  assert.equal(out.split('\n').length, 3);
});

test('reprice: a price of the configuration counts for what is recorded; free stays free', async (context) => {
  const dir = await ledgerWith(context, [unpriced, free]);
  const path = join(dir, 'modicum.yaml');
  writeFileSync(path, 'providers:\n  relay: { protocol: openai, baseUrl: "https://relay.example/v1", apiKey: "${NOT_SET}" }\nmodels:\n  own-7b: { provider: relay, prices: { input: 0.5, output: 2 } }\n');
  const options = ['--data', dir, '--config', path];
  const dry = await ran(['reprice', ...options, '--dry-run']);
  assert.match(dry.out, /^2 calls, 1 with another cost than before; nothing was stored/);
  assert.match(dry.out, /^after +\$0\.7000$/m);
  assert.match(dry.out, /^difference +\+\$0\.7000$/m);
  assert.match(dry.out, /^unpriced +1 before, 0 after$/m);
  const done = JSON.parse((await ran(['reprice', ...options, '--json'])).out) as Record<string, unknown>;
  assert.deepEqual([done['changed'], done['beforeUsd'], done['afterUsd']], [1, '0', '0.7']);
  const report = JSON.parse((await ran(['report', '--data', dir, '--json'])).out) as { totals: { costUsd: string; unpricedCalls: number } };
  assert.deepEqual([report.totals.costUsd, report.totals.unpricedCalls], ['0.7', 0]);
}); // prettier-ignore

test('reprice: without a ledger there is nothing to do', async (context) => {
  const { code, err } = await ran(['reprice', '--data', temporaryDir(context)]);
  assert.deepEqual([code, err.startsWith('No calls are recorded')], [0, true]);
});
