import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { calcPrice } from '@pydantic/genai-prices';
import { totalInput, totalOutput, type Bucket, type Buckets } from '../core/usage.ts';
import { createCatalog, type Catalog } from './catalog.ts';
import { loadModifiers, loadRates } from './data.ts';
import { price } from './price.ts';

/** An independent reading of the same data: genai-prices itself, in floating point. */
const catalog: Catalog = createCatalog();
const times = ['2026-03-01T12:00:00Z', '2026-11-25T02:30:00Z', '2026-11-25T12:00:00Z', '2027-02-01T20:00:00Z'].map(
  (text) => new Date(text),
);
const usages: readonly Buckets[] = [
  { input: 1234, output: 567 },
  { input: 86, cacheRead: 1920, output: 44, reasoning: 256 },
  { input: 300_001, output: 7000 },
  { input: 1000, cacheRead: 271_000, cacheWrite: 500, cacheWrite1h: 400, output: 999 },
  { input: 500, inputAudio: 700, cacheRead: 100, output: 30, outputAudio: 40 },
  { input: 500, inputAudio: 160, cacheRead: 400, cacheReadAudio: 240, output: 30 },
];

const sum = (buckets: Buckets, ...names: readonly Bucket[]): number => names.reduce((total, name) => total + (buckets[name] ?? 0), 0);

/** genai-prices takes totals with their parts, not parts alone. */
const inclusive = (buckets: Buckets): Record<string, number> => ({
  input_tokens: totalInput(buckets)!,
  output_tokens: totalOutput(buckets)!,
  cache_read_tokens: sum(buckets, 'cacheRead', 'cacheReadAudio'),
  cache_audio_read_tokens: sum(buckets, 'cacheReadAudio'),
  cache_write_tokens: sum(buckets, 'cacheWrite', 'cacheWrite1h'),
  cache_write_1h_tokens: sum(buckets, 'cacheWrite1h'),
  input_audio_tokens: sum(buckets, 'inputAudio', 'cacheReadAudio'),
  output_audio_tokens: sum(buckets, 'outputAudio'),
  output_reasoning_tokens: sum(buckets, 'reasoning'),
});

/** Models it prices at 0 or in part where we say unknown, or where our row replaces its row. */
const ours = new Set(loadModifiers().models.map(({ provider, id }) => `${provider}/${id}`));
/** Its rate of 0.0833333... USD per million is no integer of pico-USD. */
const roundedRate = 83_333;

function known(provider: string, id: string): boolean {
  const text = JSON.stringify(loadedRows.get(`${provider}/${id}`));
  return !ours.has(`${provider}/${id}`) && text.includes('"input":') && text.includes('"output":') && !text.includes(`${roundedRate}`);
}
const loadedRows = new Map(
  loadRates().providers.flatMap(({ id, models }) => models.map((model) => [`${id}/${model.id}`, model.prices] as const)),
);

const vendors = [
  'openai',
  'anthropic',
  'google',
  'mistral',
  'deepseek',
  'x-ai',
  'groq',
  'cohere',
  'azure',
  'aws',
  'moonshotai',
  'perplexity',
  'openrouter',
];

for (const provider of vendors)
  describe(`the same price as genai-prices: ${provider}`, () => {
    const rows = [...loadedRows.keys()].filter((key) => key.startsWith(`${provider}/`)).map((key) => key.slice(provider.length + 1));
    const sample = rows.filter((id, at) => known(provider, id) && (provider !== 'openrouter' || at % 12 === 0));
    assert.ok(sample.length > 0);
    for (const id of sample)
      test(id, () => {
        for (const timestamp of times)
          for (const buckets of usages) {
            const theirs = calcPrice(inclusive(buckets), id, { providerId: provider, timestamp });
            const card = catalog.find(provider, id, timestamp.getTime());
            const cost = price(card, buckets, { at: timestamp.getTime(), served: {} });
            assert.equal(card?.model, theirs?.model.id);
            if (!theirs) continue; // some ids are only names of a row, and match no rule
            assert.ok(cost.total !== null, JSON.stringify(buckets));
            const gap = Math.abs(cost.total / 1e9 - theirs.total_price);
            assert.ok(
              gap <= 0.5e-9 + theirs.total_price * 1e-12,
              `${JSON.stringify(buckets)} at ${timestamp.toISOString()}: ${cost.total / 1e9} and ${theirs.total_price}`,
            );
          }
      });
  });
