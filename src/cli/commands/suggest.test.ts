import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Attempt, CallRecord } from '../../core/record.ts';
import { call } from '../../ledger/fixtures.ts';
import { minUseful } from '../../savings/suggest-limits.ts';
import { ledgerWith, ran } from '../testing.ts';

/** Calls of one app whose answers have this length. */
function calls(count: number, app: string, output: number): readonly CallRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const usage = { buckets: { input: 10, output }, source: 'provider', flags: [], raw: undefined } as const;
    const base = call({ labels: { app }, operation: 'chat', outcome: 'ok', model: 'gpt-5', at: Date.UTC(2026, 10, 25, 12, 0, index) });
    const attempt = { finishReason: 'stop', usage, cost: base.cost, outcome: 'ok' } as unknown as Attempt;
    return { ...base, id: `0190a000-0000-7000-8000-${app.length.toString(16)}${String(index).padStart(11, '0')}`, attempts: [attempt] };
  });
}

suite('modicum suggest', () => {
  test('limits by app with the arithmetic, and says where there is too little to tell', async (t) => {
    const dir = await ledgerWith(t, [...calls(minUseful, 'enough', 100), ...calls(5, 'few', 100)]);
    const { code, out, err } = await ran(['suggest', 'limits', '--data', dir]);
    assert.equal(code, 0, err);
    assert.match(out, /enough +- +gpt-5 +200 +200 +112 +0/);
    assert.match(out, /99\.5 % of 200 useful answers \(mostly short\) had 100 output tokens or fewer, rounded up to 112/);
    assert.match(out, /1 more with fewer than 200 useful answers/);
    const { suggestions } = JSON.parse((await ran(['suggest', 'limits', '--json', '--data', dir])).out) as {
      suggestions: { app: string }[];
    };
    assert.deepEqual(
      suggestions.map(({ app }) => app),
      ['enough', 'few'],
    );
  });

  test('only the calls that are asked for', async (t) => {
    const dir = await ledgerWith(t, [...calls(3, 'one', 100), ...calls(2, 'three', 100)]);
    const of = async (...options: readonly string[]) =>
      (JSON.parse((await ran(['suggest', 'limits', '--json', '--data', dir, ...options])).out) as { suggestions: { calls: number }[] })
        .suggestions;
    assert.deepEqual(
      (await of('--filter', 'app=three')).map(({ calls }) => calls),
      [2],
    );
    assert.deepEqual(await of('--since', '2026-11-26'), []);
  });

  test('refuses what it cannot suggest', async () => {
    const { code, err } = await ran(['suggest', 'models']);
    assert.notEqual(code, 0);
    assert.match(err, /takes limits, not models/);
  });
});
