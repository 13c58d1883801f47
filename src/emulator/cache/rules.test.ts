import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Family } from '../../core/api.ts';
import { cacheRule, cacheRules } from './rules.ts';

const november = Date.UTC(2026, 10, 25);

const minima: readonly (readonly [Family, string, number | undefined, string | undefined])[] = [
  ['anthropic', 'claude-opus-5', 512, 'breakpoints'],
  ['anthropic', 'claude-fable-5-1', 512, 'breakpoints'],
  ['anthropic', 'claude-opus-5-5', 1024, 'breakpoints'],
  ['anthropic', 'claude-haiku-5-5', 1024, 'breakpoints'],
  ['anthropic', 'claude-sonnet-5', 1024, 'breakpoints'],
  ['anthropic', 'claude-opus-4-8', 1024, 'breakpoints'],
  ['anthropic', 'claude-opus-4-7', 2048, 'breakpoints'],
  ['anthropic', 'claude-sonnet-4-6', 1024, 'breakpoints'],
  ['anthropic', 'claude-haiku-4-5', 4096, 'breakpoints'],
  ['openai', 'gpt-4o', 1024, 'automatic'],
  ['openai', 'gpt-5.5', 1024, 'automatic'],
  ['openai', 'o3', 1024, 'automatic'],
  ['openai', 'gpt-5.6-sol', 1024, 'options'],
  ['openai', 'gpt-6-luna', 1024, 'options'],
  ['openai', 'gpt-3.5-turbo', undefined, undefined],
  ['google', 'gemini-2.5-flash', 2048, 'automatic'],
  ['google', 'gemini-3.6-flash', 4096, 'automatic'],
  ['google', 'gemini-2.0-flash', undefined, undefined],
];
for (const [vendor, model, minimum, mode] of minima)
  test(`${model} caches ${mode ?? 'nothing'}${minimum ? ` from ${minimum} tokens` : ''}`, () => {
    const rule = cacheRule(vendor, model, november);
    assert.deepEqual([rule?.minimumTokens, rule?.mode], [minimum, mode]);
  });

test('a row holds from its date; before it an older one does, before all of them the oldest', () => {
  assert.equal(cacheRule('anthropic', 'claude-opus-4-8', Date.UTC(2026, 7, 1))?.minimumTokens, 4096);
  assert.equal(cacheRule('anthropic', 'claude-opus-4-8', Date.UTC(2026, 9, 7))?.minimumTokens, 1024);
  assert.equal(cacheRule('anthropic', 'claude-opus-4-8', 0)?.mode, 'breakpoints');
});

test('every row names its source and a date', () => {
  for (const { source, validFrom } of cacheRules) {
    assert.match(validFrom, /^\d{4}-\d\d-\d\d$/);
    assert.ok(source.length > 10);
  }
});
