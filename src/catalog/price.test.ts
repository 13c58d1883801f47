import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Cost } from '../core/record.ts';
import { inputBuckets, outputBuckets, unitBuckets, type Bucket, type Buckets, type ServedTier } from '../core/usage.ts';
import type { RateCard } from './card.ts';
import { createCatalog } from './catalog.ts';
import type { OverridePrices } from './overrides.ts';
import { price } from './price.ts';
import type { PriceContext } from './tier.ts';

const at = Date.parse('2026-11-25T12:00:00Z');
const context = (served: ServedTier = {}, more: Partial<PriceContext> = {}): PriceContext => ({ at, served, ...more });

/** A card with these rates and nothing of the catalog but the provider's tiers. */
function cardWith(prices: OverridePrices, { provider = 'openai', model = 'model' } = {}): RateCard {
  const card = createCatalog({ overrides: [{ model, prices }] }).find(provider, model, at);
  assert.ok(card);
  return card;
}

const catalog = createCatalog();

function find(provider: string, model: string, when = at): RateCard {
  const card = catalog.find(provider, model, when);
  assert.ok(card, `${provider} ${model}`);
  return card;
}

describe('rates a card does not have', () => {
  const plain = { input: 1, output: 2 };
  const fallbackCases: readonly (readonly [buckets: Buckets, nanoUsd: number | null, status: Cost['status'], flags: readonly string[]])[] =
    [
      [{ reasoning: 1000 }, 2_000_000, 'exact', []],
      [{ inputAudio: 1000, inputImage: 1000, inputVideo: 1000 }, 3_000_000, 'exact', []],
      [{ cacheRead: 1000 }, 1_000_000, 'fallback_rate', ['cache_read_rate_fallback']],
      [{ cacheReadAudio: 1000 }, 1_000_000, 'fallback_rate', ['cache_read_audio_rate_fallback']],
      [{ cacheWrite: 1000 }, 1_000_000, 'fallback_rate', ['cache_write_rate_fallback']],
      [{ cacheWrite5m: 1000 }, 1_000_000, 'fallback_rate', ['cache_write_5m_rate_fallback']],
      [{ cacheWrite1h: 1000 }, 1_000_000, 'fallback_rate', ['cache_write_1h_rate_fallback']],
      [{ outputAudio: 1000 }, 2_000_000, 'fallback_rate', ['output_audio_rate_fallback']],
      [{ webSearch: 1 }, null, 'unpriced', ['rate_missing:web_search']],
    ];
  for (const [buckets, nanoUsd, status, flags] of fallbackCases)
    test(`${Object.keys(buckets).join(', ')}: ${status}`, () => {
      const cost = price(cardWith(plain), buckets, context());
      assert.deepEqual([cost.total, cost.status, cost.flags], [nanoUsd, status, flags]);
    });

  test('a write of 30 minutes or of no stated lifetime is at the plain write rate, silently; one of an hour is marked', () => {
    const card = cardWith({ input: 1, cacheWrite: 2 });
    assert.deepEqual(price(card, { cacheWrite30m: 1000, cacheWrite5m: 1000 }, context()).flags, []);
    assert.deepEqual(price(card, { cacheWrite1h: 1000 }, context()).flags, ['cache_write_1h_rate_fallback']);
    assert.equal(price(cardWith({ input: 1, cacheWrite5m: 3 }), { cacheWrite: 1000 }, context()).total, 3_000_000);
  });

  test('no input or output rate: the price is unknown, the rest is shown', () => {
    const cost = price(cardWith({ input: 1 }), { input: 1000, output: 5 }, context());
    assert.deepEqual(cost, {
      total: null,
      byBucket: { input: 1_000_000 },
      status: 'unpriced',
      flags: ['rate_missing:output'],
      priceVersion: cost.priceVersion,
    });
  });
});

describe('what cannot be priced is null, never 0', () => {
  test('an unknown model (class 28)', () =>
    assert.deepEqual(price(undefined, { input: 1 }, context()), {
      total: null,
      byBucket: {},
      status: 'unpriced',
      flags: ['model_unknown'],
    }));

  test('a count that is unknown; the known part is shown (class 5)', () => {
    const cost = price(find('anthropic', 'claude-opus-5-5'), { input: 40, cacheRead: 30_000, cacheWrite5m: 1200, output: null }, context());
    assert.deepEqual([cost.total, cost.status, cost.flags], [null, 'unpriced', []]);
    assert.equal(
      Object.values(cost.byBucket).reduce((a, b) => a + b, 0),
      12_160_000,
    );
  });

  for (const count of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '12' as unknown as number])
    test(`an impossible count: ${count}`, () => {
      const cost = price(find('openai', 'gpt-5'), { input: count, output: 1 }, context());
      assert.deepEqual([cost.total, cost.byBucket, cost.flags], [null, { output: 10_000 }, ['count_invalid:input']]);
    });

  test('a sum beyond the safe integers', () => {
    const cost = price(find('openai', 'gpt-5'), { input: Number.MAX_SAFE_INTEGER }, context());
    assert.deepEqual([cost.total, cost.status], [null, 'unpriced']);
  });
});

describe('nothing used', () => {
  for (const buckets of [{}, { input: 0, output: 0 }, { input: undefined }] as readonly Buckets[])
    test(`${JSON.stringify(buckets)} costs 0, known model or not`, () => {
      assert.deepEqual(price(undefined, buckets, context()), { total: 0, byBucket: {}, status: 'none', flags: [] });
      assert.equal(price(find('openai', 'gpt-5'), buckets, context()).status, 'none');
    });
});

test('a fee for each request is added once, to the input', () => {
  const cost = price(find('perplexity', 'sonar'), { input: 1000, output: 1000 }, context());
  assert.deepEqual(cost.byBucket, { input: 13_000_000, output: 1_000_000 });
  assert.deepEqual(cost.flags, ['request_fee_in_input']);
});

test('a rate of the source that no bucket stands for is told', () => {
  assert.deepEqual(price(find('perplexity', 'sonar-deep-research'), { output: 1 }, context()).flags, [
    'unmapped_rate:output_citation_mtok',
  ]);
});

test('keys that are no bucket are left alone', () => {
  const buckets = { input: 1000, totalTokens: 5000 } as Buckets;
  assert.equal(price(find('openai', 'gpt-5'), buckets, context()).total, 1_250_000);
});

const allBuckets: readonly Bucket[] = [...inputBuckets, ...outputBuckets, ...unitBuckets];
const models = ['anthropic', 'openai', 'google', 'mistral', 'x-ai', 'perplexity'].flatMap((provider) => catalog.models(provider, at));
const anyCard = fc.constantFrom(...models).map(({ card }) => card);
const anyBuckets = fc.dictionary(
  fc.constantFrom(...allBuckets),
  fc.oneof(fc.nat(400_000), fc.constant(null), fc.double(), fc.maxSafeInteger()),
  { maxKeys: 6 },
);
const anyContext = fc.record({
  at: fc.constant(at),
  served: fc.record(
    {
      serviceTier: fc.constantFrom('default', 'flex', 'batch', 'priority', 'odd', ''),
      speed: fc.constantFrom('standard', 'fast'),
      inferenceGeo: fc.constantFrom('global', 'us'),
    },
    { requiredKeys: [] },
  ),
  batch: fc.boolean(),
});

test('never throws, never gives a negative or a part of a nano-dollar, and the buckets sum to the total', () => {
  fc.assert(
    fc.property(anyCard, anyBuckets, anyContext, (card, buckets, context) => {
      const cost = price(card, buckets, context);
      const parts = Object.values(cost.byBucket);
      assert.ok(parts.every((part) => Number.isSafeInteger(part) && part >= 0));
      if (cost.total !== null)
        assert.equal(
          parts.reduce((a, b) => a + b, 0),
          cost.total,
        );
      assert.equal(cost.total === null, cost.status === 'unpriced');
    }),
    { numRuns: 2000 },
  );
});
