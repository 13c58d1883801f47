import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheFactors, cacheRuleFinder, loadCacheRules } from './cache-rules.ts';
import { createCatalog } from './catalog.ts';

const catalog = createCatalog();
const find = cacheRuleFinder(catalog);
const at = Date.UTC(2026, 10, 25);

for (const [provider, model, mode, minimumTokens] of [
  ['anthropic', 'claude-sonnet-5', 'marks', 1024],
  ['anthropic', 'claude-haiku-4-5', 'marks', 4096],
  ['anthropic', 'claude-opus-5-5', 'marks', 1024],
  ['aws', 'global.anthropic.claude-opus-5-5', 'marks', 4096],
  ['openai', 'gpt-5.5', 'automatic', 1024],
  ['openai', 'gpt-5.6-sol', 'options', 1024],
  ['google', 'gemini-2.5-pro', 'automatic', 2048],
  ['mistral', 'mistral-large-2512', 'automatic', 1024],
  ['nobody', 'm', undefined, undefined],
] as const)
  test(`${model} of ${provider}: ${mode ?? 'no rule'}`, () => {
    const rule = find(provider, model);
    assert.deepEqual([rule?.mode, rule?.minimumTokens], [mode, minimumTokens]);
  });

for (const [provider, model, expected] of [
  ['anthropic', 'claude-sonnet-5', { read: 0.1, write: { '5m': 1.25, '1h': 2 } }],
  ['anthropic', 'claude-opus-5-5', { read: 0.05, write: { '5m': 1.25, '1h': 2 } }],
  ['openai', 'gpt-5.6-sol', { read: 0.1, write: { '30m': 1.25 } }], // nobody tells what twelve hours cost
  ['openai', 'gpt-5.5', { read: 0.1, write: { '10m': 1 } }],
] as const)
  test(`the prices of the cache of ${model} as factors of input`, () => {
    const { inputPico, ...factors } = cacheFactors(catalog.find(provider, model, at), find(provider, model)!, 5000)!;
    assert.deepEqual(factors, expected);
    assert.ok(inputPico > 0);
  });

test('without a price for reads nothing is known', () => {
  assert.equal(cacheFactors(catalog.find('anthropic', 'claude-haiku-5-5', at), find('anthropic', 'claude-haiku-5-5')!, 5000), undefined);
  assert.equal(cacheFactors(undefined, find('anthropic', 'claude-sonnet-5')!, 5000), undefined);
});

test('every row has a source, a date and at least one lifetime', () => {
  for (const { source, asOf, lifetimes } of loadCacheRules()) {
    assert.ok(source.length > 10);
    assert.match(asOf, /^\d{4}-\d\d-\d\d$/);
    assert.ok(lifetimes.length > 0);
  }
});
