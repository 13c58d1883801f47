import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsageReport } from '../core/usage.ts';
import { priceAttempt, type PricedAttempt } from './attempt.ts';
import { createCatalog } from './catalog.ts';

const at = Date.UTC(2026, 9, 1);
const usage: UsageReport = { buckets: { input: 1_000_000, output: 0 }, source: 'provider', flags: [], raw: undefined };
const attempt = (changes: Partial<PricedAttempt>): PricedAttempt => ({
  provider: 'openai',
  hosting: 'api',
  requestModel: 'gpt-5',
  model: 'gpt-5-2025-08-07',
  usage,
  served: {},
  at,
  ...changes,
});
const catalog = createCatalog({
  aliases: { mine: 'openai' },
  overrides: [{ provider: 'vllm', model: 'qwen', prices: { input: '0.5', output: 1 } }],
});

const usdPerMillion: readonly (readonly [string, Partial<PricedAttempt>, number | null, string])[] = [
  ['the model of the reply decides, a dated release by its name', {}, 1.25, 'exact'],
  ["the user's name of a provider leads to its prices", { provider: 'mine' }, 1.25, 'exact'],
  ['class 28: a reply of an unknown model has no price, whatever was asked for', { model: 'mystery-9' }, null, 'unpriced'],
  [
    "a price of the user's own holds for the name asked for",
    { provider: 'vllm', hosting: 'self-hosted', requestModel: 'qwen', model: '/models/qwen.gguf' },
    0.5,
    'exact',
  ],
  [
    'a relay of a closed model has its list price, marked',
    { provider: 'corp', hosting: 'self-hosted', model: 'gpt-5' },
    1.25,
    'fallback_rate',
  ],
  [
    'an open model on an own machine has no list price',
    { provider: 'gpu', hosting: 'self-hosted', requestModel: 'deepseek-chat', model: 'deepseek-chat' },
    null,
    'unpriced',
  ],
];
for (const [what, changes, usd, status] of usdPerMillion) {
  test(what, () => {
    const cost = priceAttempt(catalog, attempt(changes));
    assert.deepEqual([cost.total, cost.status], [usd === null ? null : usd * 1e9, status]);
  });
}

test('class 16: entries of other models are priced at their own rates and added', () => {
  const others = [{ model: 'gpt-5-mini', buckets: { input: 1_000_000 } }];
  const cost = priceAttempt(catalog, attempt({ usage: { ...usage, others } }));
  assert.equal(cost.total, 1.5e9);
  assert.equal(
    priceAttempt(catalog, attempt({ usage: { ...usage, others: [{ model: 'mystery-9', buckets: { input: 1 } }] } })).total,
    null,
  );
});
