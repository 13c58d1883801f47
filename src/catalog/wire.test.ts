import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Buckets, ServedTier } from '../core/usage.ts';
import type { RateCard } from './card.ts';
import { createCatalog } from './catalog.ts';
import type { OverridePrices } from './overrides.ts';
import { price } from './price.ts';

const at = Date.parse('2026-11-25T12:00:00Z');

/** A card with these rates and nothing of the catalog but the provider's tiers. */
function cardWith(prices: OverridePrices, { provider = 'openai', model = 'model' } = {}): RateCard {
  const card = createCatalog({ overrides: [{ model, prices }] }).find(provider, model, at);
  assert.ok(card);
  return card;
}

const gpt5 = { input: '1.25', cacheRead: '0.125', output: '10', webSearch: '10' };
const gpt55 = { input: '5', cacheRead: '0.5', output: '30' };
const sol = { input: '4', cacheRead: '0.4', cacheWrite: '5', output: '20', webSearch: '10' };
const solLong = { input: '8', cacheRead: '0.8', cacheWrite: '10', output: '30', webSearch: '10' };
const opus55 = { input: '4', cacheRead: '0.2', cacheWrite: '5', cacheWrite5m: '5', cacheWrite1h: '8', output: '20', webSearch: '10' };
const sonnet5 = { input: '2', cacheRead: '0.2', cacheWrite: '2.5', cacheWrite5m: '2.5', cacheWrite1h: '4', output: '10', webSearch: '10' };
const flash = { input: '0.3', inputAudio: '1', cacheRead: '0.03', cacheReadAudio: '0.1', output: '2.5' };
const pro = { input: '1.25', cacheRead: '0.125', output: '10' };

interface Case {
  readonly name: string;
  readonly provider?: string;
  readonly model?: string;
  readonly rates: OverridePrices;
  readonly buckets: Buckets;
  readonly served?: ServedTier;
  readonly nanoUsd: number | null;
  readonly flags?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'cached prompt tokens are charged once (class 1)',
    rates: gpt5,
    buckets: { input: 86, cacheRead: 1920, output: 44, reasoning: 256 },
    nanoUsd: 3_347_500,
  },
  {
    name: 'usage asked for by the gateway',
    rates: gpt5,
    buckets: { input: 176, cacheRead: 1024, output: 8, reasoning: 32 },
    nanoUsd: 748_000,
  },
  {
    name: 'OpenAI cache writes are a slice of the prompt (class 11)',
    rates: sol,
    buckets: { input: 50, cacheRead: 8000, cacheWrite: 4000, output: 10 },
    nanoUsd: 23_600_000,
  },
  {
    name: 'audio at audio rates (class 12)',
    rates: { input: '2.5', inputAudio: '40', output: '10', outputAudio: '80' },
    buckets: { input: 180, inputAudio: 320, output: 120, outputAudio: 100 },
    nanoUsd: 22_450_000,
  },
  {
    name: 'lifetimes of cache writes, and web searches (classes 4, 13)',
    rates: sol,
    buckets: { input: 5000, cacheRead: 6000, cacheWrite30m: 5000, cacheWrite12h: 4000, output: 200, reasoning: 700, webSearch: 2 },
    nanoUsd: 105_400_000,
    flags: ['cache_write_12h_rate_fallback'],
  },
  {
    name: 'a function call over the responses API',
    rates: gpt55,
    buckets: { input: 140, cacheRead: 8960, output: 30, reasoning: 100 },
    nanoUsd: 9_080_000,
  },
  {
    name: 'an incomplete response is billed (class 14)',
    rates: gpt55,
    buckets: { input: 300, output: 4, reasoning: 60 },
    nanoUsd: 3_420_000,
  },
  {
    name: 'seven embedding tokens (classes 10, 15)',
    rates: { input: '0.02', output: '0' },
    buckets: { input: 7, output: 0 },
    nanoUsd: 140,
  },
  {
    name: 'cache writes of 5 minutes and of an hour (class 4)',
    provider: 'anthropic',
    rates: opus55,
    buckets: { input: 20, cacheRead: 50_000, cacheWrite5m: 1000, cacheWrite1h: 2000, output: 80, reasoning: 420 },
    nanoUsd: 41_080_000,
  },
  {
    name: 'cumulative output',
    provider: 'anthropic',
    rates: sonnet5,
    buckets: { input: 25, cacheRead: 4096, output: 12 },
    nanoUsd: 989_200,
  },
  {
    name: 'a cache that grew during server tools',
    provider: 'anthropic',
    rates: opus55,
    buckets: { input: 140, cacheRead: 23_000, cacheWrite5m: 2000, cacheWrite1h: 1000, cacheWrite: 2000, output: 240, webSearch: 1 },
    nanoUsd: 47_960_000,
  },
  {
    name: 'thinking; the residency premium is the user’s own affair where the user sets the price',
    provider: 'anthropic',
    model: 'claude-sonnet-5',
    rates: sonnet5,
    buckets: { input: 60, output: 30, reasoning: 180 },
    served: { inferenceGeo: 'us' },
    nanoUsd: 2_220_000,
  },
  {
    name: 'compaction added',
    provider: 'anthropic',
    rates: opus55,
    buckets: { input: 2400, cacheRead: 162_000, output: 3800 },
    nanoUsd: 118_000_000,
  },
  {
    name: 'unknown output after an abort',
    provider: 'anthropic',
    rates: opus55,
    buckets: { input: 40, cacheRead: 30_000, cacheWrite5m: 1200, output: null },
    nanoUsd: null,
  },
  {
    name: 'tool-use prompt and thoughts',
    provider: 'google',
    rates: pro,
    buckets: { input: 2704, cacheRead: 4096, output: 20, reasoning: 300 },
    nanoUsd: 7_092_000,
  },
  {
    name: 'the last of cumulative usages',
    provider: 'google',
    rates: pro,
    buckets: { input: 800, output: 9, reasoning: 120 },
    nanoUsd: 2_290_000,
  },
  {
    name: 'cached audio',
    provider: 'google',
    rates: flash,
    buckets: { input: 200, inputAudio: 160, cacheRead: 400, cacheReadAudio: 240, output: 30, reasoning: 20 },
    nanoUsd: 381_000,
  },
  { name: 'arguments named like usage', provider: 'google', rates: flash, buckets: { input: 90, output: 14 }, nanoUsd: 62_000 },
  {
    name: 'Mistral',
    provider: 'mistral',
    rates: { input: '0.1', cacheRead: '0.01', output: '0.3' },
    buckets: { input: 5, cacheRead: 1008, output: 30 },
    nanoUsd: 19_580,
  },
  {
    name: 'DeepSeek hits at 0.003 USD per million',
    provider: 'deepseek',
    rates: { input: '0.15', cacheRead: '0.003', output: '0.6' },
    buckets: { input: 120, cacheRead: 2880, output: 50, reasoning: 100 },
    nanoUsd: 116_640,
  },
  {
    name: 'Groq',
    provider: 'groq',
    rates: { input: '0.6', cacheRead: '0.3', output: '0.8' },
    buckets: { input: 144, cacheRead: 256, output: 20 },
    nanoUsd: 179_200,
  },
  {
    name: 'vLLM at the operator’s own cost',
    provider: 'vllm',
    rates: { input: '0.05', cacheRead: '0.01', output: '0.1' },
    buckets: { input: 322, cacheRead: 3200, output: 2 },
    nanoUsd: 48_300,
  },
  {
    name: 'a local model of price 0 is priced',
    provider: 'ollama',
    rates: { input: '0', cacheRead: '0', output: '0' },
    buckets: { input: 50, cacheRead: 160, output: 18 },
    nanoUsd: 0,
  },
  {
    name: 'a prompt count that is missing',
    provider: 'ollama',
    rates: { input: '0.05', output: '0.1' },
    buckets: { input: null, output: 18 },
    nanoUsd: null,
  },
  {
    name: 'OpenRouter',
    provider: 'openrouter',
    rates: { input: '2', cacheRead: '0.2', cacheWrite: '2.5', output: '10' },
    buckets: { input: 200, cacheRead: 4000, cacheWrite: 1000, output: 60 },
    nanoUsd: 4_300_000,
  },
  {
    name: 'xAI reasoning outside the completion (class 22)',
    provider: 'x-ai',
    rates: { input: '1.25', cacheRead: '0.2', output: '2.5' },
    buckets: { input: 872, cacheRead: 128, output: 150, reasoning: 280 },
    nanoUsd: 2_190_600,
  },
  {
    name: 'Bedrock',
    provider: 'aws',
    rates: sonnet5,
    buckets: { input: 30, cacheRead: 6000, cacheWrite5m: 2000, cacheWrite1h: 1000, output: 40 },
    nanoUsd: 10_660_000,
  },
  {
    name: 'more cache read than prompt (class 23)',
    provider: 'relay',
    rates: sonnet5,
    buckets: { input: 120, cacheRead: 8000, output: 30 },
    nanoUsd: 2_140_000,
  },
  { name: 'an explicit 0 (class 20)', rates: gpt5, buckets: { input: 90, output: 0 }, nanoUsd: 112_500 },
  {
    name: 'no usage at all (class 20)',
    provider: 'local',
    rates: { input: '0.05', output: '0.1' },
    buckets: { input: null, output: null },
    nanoUsd: null,
  },
  {
    name: 'a long prompt, at the long rates',
    rates: solLong,
    buckets: { input: 20_000, cacheRead: 280_000, output: 1000 },
    nanoUsd: 414_000_000,
  },
  {
    name: 'flex in the reply halves the price (class 25)',
    rates: gpt55,
    buckets: { input: 10_000, output: 1000 },
    served: { serviceTier: 'flex' },
    nanoUsd: 40_000_000,
  },
  {
    name: 'a batch line halves cache reads too (class 25)',
    provider: 'anthropic',
    rates: opus55,
    buckets: { input: 1000, cacheRead: 9000, output: 200 },
    served: { serviceTier: 'batch' },
    nanoUsd: 4_900_000,
  },
  { name: 'second of three attempts (class 27)', rates: gpt5, buckets: { input: 1000, output: 10 }, nanoUsd: 1_350_000 },
  {
    name: 'third of three attempts (class 27)',
    provider: 'anthropic',
    rates: sonnet5,
    buckets: { input: 1100, output: 12 },
    nanoUsd: 2_320_000,
  },
];

for (const { name, provider = 'openai', model = 'model', rates, buckets, served, nanoUsd, flags = [] } of cases)
  test(`wire: ${name}`, () => {
    const cost = price(cardWith(rates, { provider, model }), buckets, { at, served: served ?? {} });
    assert.equal(cost.total, nanoUsd);
    assert.deepEqual(cost.flags, flags);
    assert.equal(cost.status, nanoUsd === null ? 'unpriced' : flags.length > 0 ? 'fallback_rate' : 'exact');
  });
