import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServedTier } from '../core/usage.ts';
import type { RateCard } from './card.ts';
import { createCatalog } from './catalog.ts';
import { price } from './price.ts';
import { tierWordLimit, type PriceContext } from './tier.ts';

const at = Date.parse('2026-11-25T12:00:00Z');
const context = (served: ServedTier = {}, more: Partial<PriceContext> = {}): PriceContext => ({ at, served, ...more });

const catalog = createCatalog();

function find(provider: string, model: string, when = at): RateCard {
  const card = catalog.find(provider, model, when);
  assert.ok(card, `${provider} ${model}`);
  return card;
}

describe('context tiers are chosen on all input and hold for the whole request (class 24)', () => {
  // The thresholds are the data's: 271,999 for gpt-5.5 and 5.6, 272,000 for gpt-6, "above" in both.
  const tiers: readonly (readonly [provider: string, model: string, total: number, input: number])[] = [
    ['openai', 'gpt-5.6-sol', 271_999, 4],
    ['openai', 'gpt-5.6-sol', 272_000, 8],
    ['openai', 'gpt-5.6-sol', 272_001, 8],
    ['openai', 'gpt-5.5', 271_999, 5],
    ['openai', 'gpt-5.5', 272_000, 10],
    ['openai', 'gpt-6-sol', 271_999, 2],
    ['openai', 'gpt-6-sol', 272_000, 2],
    ['openai', 'gpt-6-sol', 272_001, 4],
    ['google', 'gemini-2.5-pro', 200_000, 1.25],
    ['google', 'gemini-2.5-pro', 200_001, 2.5],
    ['anthropic', 'claude-haiku-5-5', 100_000, 0.1],
    ['anthropic', 'claude-haiku-5-5', 100_001, 0.5],
    ['anthropic', 'claude-opus-4-6', 500_000, 5],
  ];
  for (const [provider, model, total, input] of tiers)
    test(`${model}, ${total} tokens: ${input} USD per million`, () =>
      assert.equal(price(find(provider, model), { input: total }, context()).total, Math.round(total * input * 1000)));

  test('cached tokens count, and output is at the long rate too', () => {
    const cost = price(find('openai', 'gpt-5.6-sol'), { input: 20_000, cacheRead: 280_000, output: 1000 }, context());
    assert.deepEqual(cost.byBucket, { input: 160_000_000, cacheRead: 224_000_000, output: 30_000_000 });
  });

  test('output and units do not count', () => {
    assert.equal(price(find('openai', 'gpt-5.6-sol'), { input: 1000, output: 300_000, webSearch: 1 }, context()).byBucket.input, 4_000_000);
  });

  test('claude-opus-4-6 had a tier until 2026-03-13', () => {
    const before = Date.parse('2026-03-12T23:59:59Z');
    assert.equal(price(find('anthropic', 'claude-opus-4-6', before), { input: 200_001 }, context()).total, 2_000_010_000);
  });
});

describe('the tier of the reply decides (class 25)', () => {
  const million = { input: 1_000_000, cacheRead: 1_000_000, output: 1_000_000 };
  interface TierCase {
    readonly name: string;
    readonly provider: string;
    readonly model: string;
    readonly served: ServedTier;
    readonly more?: Partial<PriceContext>;
    /** USD of a million tokens each of input, cache read and output. */
    readonly usd: readonly [input: number, cacheRead: number, output: number] | null;
    readonly flags?: readonly string[];
  }
  // Models without context tiers, so that a million tokens are at the base rates.
  const tierCases: readonly TierCase[] = [
    { name: 'no word', provider: 'openai', model: 'gpt-5', served: {}, usd: [1.25, 0.125, 10] },
    { name: 'default', provider: 'openai', model: 'gpt-5', served: { serviceTier: 'default' }, usd: [1.25, 0.125, 10] },
    { name: 'flex', provider: 'openai', model: 'gpt-5', served: { serviceTier: 'flex' }, usd: [0.625, 0.0625, 5] },
    { name: 'priority', provider: 'openai', model: 'gpt-5', served: { serviceTier: 'priority' }, usd: [2.5, 0.25, 20] },
    {
      name: 'fast is the new word for priority',
      provider: 'openai',
      model: 'gpt-5',
      served: { serviceTier: 'fast' },
      usd: [2.5, 0.25, 20],
    },
    {
      name: 'priority of a dated release',
      provider: 'openai',
      model: 'gpt-5-2025-08-07',
      served: { serviceTier: 'priority' },
      usd: [2.5, 0.25, 20],
    },
    { name: 'priority, factor 9/5', provider: 'openai', model: 'gpt-5-mini', served: { serviceTier: 'priority' }, usd: [0.45, 0.045, 3.6] },
    { name: 'priority, factor 7/4', provider: 'openai', model: 'gpt-4.1', served: { serviceTier: 'priority' }, usd: [3.5, 0.875, 14] },
    {
      name: 'priority of a model without a priority price',
      provider: 'openai',
      model: 'gpt-5-pro',
      served: { serviceTier: 'priority' },
      usd: null,
      flags: ['tier_unknown:priority', 'cache_read_rate_fallback'],
    },
    {
      name: 'a word nobody knows',
      provider: 'openai',
      model: 'gpt-5',
      served: { serviceTier: 'galactic' },
      usd: null,
      flags: ['tier_unknown:galactic'],
    },
    {
      name: 'a batch line whose reply says default',
      provider: 'openai',
      model: 'gpt-5',
      served: { serviceTier: 'default' },
      more: { batch: true },
      usd: [0.625, 0.0625, 5],
    },
    {
      name: 'the request’s tier does not count beside the reply’s',
      provider: 'openai',
      model: 'gpt-5',
      served: { serviceTier: 'default' },
      more: { requestTier: 'flex' },
      usd: [1.25, 0.125, 10],
    },
    {
      name: 'the request’s tier where the reply is silent',
      provider: 'google',
      model: 'gemini-2.5-flash',
      served: {},
      more: { requestTier: 'flex' },
      usd: [0.15, 0.015, 1.25],
      flags: ['tier_from_request'],
    },
    {
      name: 'a request’s neutral tier',
      provider: 'openai',
      model: 'gpt-5',
      served: {},
      more: { requestTier: 'auto' },
      usd: [1.25, 0.125, 10],
    },
    {
      name: 'a request’s tier without a price is taken for ignored',
      provider: 'deepseek',
      model: 'deepseek-v4-pro',
      served: {},
      more: { requestTier: 'turbo' },
      usd: [0.66, 0.022, 1.98],
      flags: ['tier_unconfirmed:turbo'],
    },
    {
      name: 'Google’s words are in capitals',
      provider: 'google',
      model: 'gemini-2.5-flash',
      served: { serviceTier: 'ON_DEMAND_FLEX' },
      usd: [0.15, 0.015, 1.25],
    },
    { name: 'ON_DEMAND', provider: 'google', model: 'gemini-2.5-flash', served: { serviceTier: 'ON_DEMAND' }, usd: [0.3, 0.03, 2.5] },
    {
      name: 'Google’s batch leaves cache reads alone',
      provider: 'google',
      model: 'gemini-2.5-flash',
      served: {},
      more: { batch: true },
      usd: [0.15, 0.03, 1.25],
    },
    {
      name: 'Google’s priority price is not known',
      provider: 'google',
      model: 'gemini-2.5-flash',
      served: { serviceTier: 'ON_DEMAND_PRIORITY' },
      usd: null,
      flags: ['tier_unknown:ON_DEMAND_PRIORITY'],
    },
    {
      name: 'Anthropic’s standard',
      provider: 'anthropic',
      model: 'claude-opus-5-5',
      served: { serviceTier: 'standard', speed: 'standard', inferenceGeo: 'global' },
      usd: [4, 0.2, 20],
    },
    {
      name: 'a commitment is shown at list price',
      provider: 'anthropic',
      model: 'claude-opus-5-5',
      served: { serviceTier: 'priority' },
      usd: [4, 0.2, 20],
      flags: ['priority_commitment'],
    },
    { name: 'fast mode', provider: 'anthropic', model: 'claude-opus-4-8', served: { speed: 'fast' }, usd: [10, 1, 50] },
    { name: 'fast mode of Opus 4.7', provider: 'anthropic', model: 'claude-opus-4-7', served: { speed: 'fast' }, usd: [30, 3, 150] },
    {
      name: 'fast mode of a model without a fast price',
      provider: 'anthropic',
      model: 'claude-opus-5-5',
      served: { speed: 'fast' },
      usd: null,
      flags: ['tier_unknown:fast'],
    },
    { name: 'residency', provider: 'anthropic', model: 'claude-opus-5-5', served: { inferenceGeo: 'us' }, usd: [4.4, 0.22, 22] },
    {
      name: 'residency and batch multiply',
      provider: 'anthropic',
      model: 'claude-opus-5-5',
      served: { serviceTier: 'batch', inferenceGeo: 'us' },
      usd: [2.2, 0.11, 11],
    },
    {
      name: 'residency where the model has none',
      provider: 'anthropic',
      model: 'claude-haiku-4-5',
      served: { inferenceGeo: 'not_available' },
      usd: [1, 0.1, 5],
    },
    {
      name: 'fields a provider does not price by do not matter',
      provider: 'deepseek',
      model: 'deepseek-v4-pro',
      served: { speed: 'fast', inferenceGeo: 'moon' },
      usd: [0.66, 0.022, 1.98],
    },
  ];
  for (const { name, provider, model, served, more, usd, flags = [] } of tierCases)
    test(`${provider}: ${name}`, () => {
      const cost = price(find(provider, model), million, context(served, more));
      const [input = 0, cacheRead = 0, output = 0] = (usd ?? []).map((amount) => Math.round(amount * 1e9));
      assert.deepEqual(cost.byBucket, usd ? { input, cacheRead, output } : {});
      assert.equal(cost.total, usd && input + cacheRead + output);
      assert.deepEqual(cost.flags, flags);
      assert.equal(cost.status, usd ? 'exact' : 'unpriced');
    });

  test('a factor of 20/11 is a fraction to the end', () => {
    assert.equal(price(find('openai', 'o4-mini'), { input: 11, output: 1 }, context({ serviceTier: 'priority' })).total, 30_000);
  });

  test('units are not discounted', () => {
    assert.equal(price(find('anthropic', 'claude-opus-5-5'), { webSearch: 3 }, context({ serviceTier: 'batch' })).total, 30_000_000);
  });

  test('a tier word is shown up to its limit of length', () => {
    const flagOf = (word: string) => price(find('openai', 'gpt-5'), million, context({ serviceTier: word })).flags[0];
    assert.equal(flagOf('x'.repeat(tierWordLimit)), `tier_unknown:${'x'.repeat(tierWordLimit)}`);
    assert.equal(flagOf('x'.repeat(tierWordLimit + 1)), `tier_unknown:${'x'.repeat(tierWordLimit)}`);
  });
});
