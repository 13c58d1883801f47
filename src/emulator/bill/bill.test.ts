import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Buckets } from '../../core/usage.ts';
import { billJson, bucketsOf, costOf, Ledger } from './bill.ts';
import { picoPerToken, toNano } from './money.ts';
import { catalogRates, exactRates, type RateStrings } from './rates.ts';

// Costs of the first five by hand, in nano-USD; rates in USD per million tokens.
const cases: readonly (readonly [what: string, buckets: Buckets, rates: RateStrings, nanoUsd: bigint | null])[] = [
  [
    '86 fresh, 1,920 read, 44 + 256 out',
    { input: 86, cacheRead: 1920, output: 44, reasoning: 256 },
    { input: '1.25', cacheRead: '0.125', output: '10' },
    3_347_500n,
  ],
  [
    '5m and 1h writes apart',
    { input: 20, cacheRead: 50_000, cacheWrite5m: 1000, cacheWrite1h: 2000, output: 80, reasoning: 420 },
    { input: '4', cacheRead: '0.2', cacheWrite5m: '5', cacheWrite1h: '8', output: '20' },
    41_080_000n,
  ],
  [
    'writes inside the prompt',
    { input: 50, cacheRead: 8000, cacheWrite: 4000, output: 10 },
    { input: '4', cacheRead: '0.4', cacheWrite: '5', output: '20' },
    23_600_000n,
  ],
  ['7 embedding tokens', { input: 7 }, { input: '0.02' }, 140n],
  ['half a nano, to even', { input: 1 }, { input: '0.0005' }, 0n],
  ['one and a half, to even', { input: 3 }, { input: '0.0005' }, 2n],
  ['a write without a rate is input', { cacheWrite30m: 10 }, { input: '1' }, 10_000n],
  ['output without a rate is unknown', { input: 1, output: 1 }, { input: '1' }, null],
  ['an empty bucket needs no rate', { input: 1, output: 0 }, { input: '1' }, 1000n],
];
for (const [what, buckets, rates, nanoUsd] of cases)
  test(`cost: ${what}`, () => {
    assert.equal(costOf(buckets, exactRates(() => rates)('openai', 'm', 0, 0)), nanoUsd);
  });

test('no rates, no cost', () => {
  assert.equal(costOf({ input: 1 }, undefined), null);
});

test('rates are plain decimals of at most six places', () => {
  assert.equal(picoPerToken('0.000001'), 1n);
  assert.equal(picoPerToken('15'), 15_000_000n);
  for (const wrong of ['', '-1', '1e3', '0.0000001', 'x']) assert.throws(() => picoPerToken(wrong), RangeError);
});

test('rounding is off by half a nano at most, and even in the middle', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), (pico) => {
      const off = toNano(pico) * 1000n - pico;
      assert.ok(off >= -500n && off <= 500n);
      if (pico % 1000n === 500n) assert.equal(toNano(pico) % 2n, 0n);
    }),
  );
});

const call = { responseId: 'r1', api: 'openai.chat', vendor: 'openai', at: 0, complete: true } as const;

test('totals are sums over calls that were rounded one by one; an unpriced call counts as such', () => {
  const ledger = new Ledger(
    exactRates((_vendor, model) => (model === 'known' ? { input: '0.0005' } : undefined)),
    true,
  );
  for (const model of ['known', 'known', 'unknown']) ledger.add({ ...call, model, buckets: { input: 3 } });
  ledger.add({ ...call, model: 'known', buckets: { input: 3 }, complete: false });
  const { totals, byModel, calls } = ledger.bill();
  assert.deepEqual(totals, { calls: 4, incompleteCalls: 1, unpricedCalls: 1, buckets: { input: 12 }, costNanoUsd: 6n });
  assert.equal(byModel['known']!.costNanoUsd, 6n);
  assert.deepEqual(
    calls.map(({ costNanoUsd }) => costNanoUsd),
    [2n, 2n, null, 2n],
  );
});

test('without recordCalls there are totals only', () => {
  const ledger = new Ledger(
    exactRates(() => ({ input: '1' })),
    false,
  );
  ledger.add({ ...call, model: 'm', buckets: { input: 1 } });
  assert.equal(ledger.bill().calls.length, 0);
  assert.equal(ledger.bill().totals.calls, 1);
});

test('the bill as JSON has amounts as strings', () => {
  const ledger = new Ledger(
    exactRates(() => ({ input: '1' })),
    true,
  );
  ledger.add({ ...call, model: 'm', buckets: { input: 1 } });
  assert.match(billJson(ledger.bill()), /"costNanoUsd":"1000"/);
});

test('written tokens are billed by lifetime only where the API tells it', () => {
  const input = { fresh: 1, read: 0, written: { '30m': 5, '12h': 7 } };
  const output = { visible: 2, reasoning: 0 };
  assert.deepEqual(bucketsOf(input, output, true), { input: 1, cacheWrite30m: 5, cacheWrite12h: 7, output: 2 });
  assert.deepEqual(bucketsOf(input, output, false), { input: 1, cacheWrite: 12, output: 2 });
});

const november = Date.UTC(2026, 10, 25);
const catalogued: readonly (readonly [
  Parameters<ReturnType<typeof catalogRates>>,
  input: bigint | undefined,
  output: bigint | undefined,
])[] = [
  [['anthropic', 'claude-opus-5-5', november, 10], 4_000_000n, 20_000_000n],
  [['openai', 'gpt-5.5', november, 200_000], 5_000_000n, 30_000_000n],
  [['openai', 'gpt-5.5', november, 300_000], 10_000_000n, 45_000_000n],
  [['openai', 'gpt-5.6-sol', Date.UTC(2026, 7, 20), 10], 5_000_000n, 30_000_000n],
  [['openai', 'gpt-5.6-sol', Date.UTC(2026, 7, 21), 10], 4_000_000n, 20_000_000n],
  [['google', 'models/gemini-2.5-pro', november, 10], 1_250_000n, 10_000_000n],
  [['openai', 'deepseek-chat', november, 10], undefined, undefined],
  [['openai', 'nobody-knows-this', november, 10], undefined, undefined],
];
const ratesOf = catalogRates();
for (const [[vendor, model, at, inputTokens], input, output] of catalogued)
  test(`catalog: ${model} with ${inputTokens} tokens on ${new Date(at).toISOString().slice(0, 10)}`, () => {
    const rates = ratesOf(vendor, model, at, inputTokens);
    if (model === 'deepseek-chat') return assert.ok(rates?.input, 'a model of another maker has its maker’s price');
    assert.deepEqual([rates?.input, rates?.output], [input, output]);
  });

test('catalog: a model with a row of its own is not billed as its elder of the same prefix', () => {
  assert.equal(ratesOf('anthropic', 'claude-sonnet-5-5', november, 10)?.cacheRead, 100_000n);
  assert.equal(ratesOf('anthropic', 'claude-sonnet-5', november, 10)?.cacheRead, 200_000n);
});
