import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheRuleFinder } from '../catalog/cache-rules.ts';
import { createCatalog } from '../catalog/catalog.ts';
import { repairSaving, type RepairedPrefix } from './repaired-prefix.ts';

const at = Date.UTC(2026, 10, 25);
const catalog = createCatalog();
const findRule = cacheRuleFinder(catalog);
const minute = 60_000;
const prefix: RepairedPrefix = {
  sharedTokens: 0,
  reusedTokens: 10_000,
  addedTokens: 0,
  gapMs: minute,
  isMarked: true,
  isMarkedByUs: false,
};
const savedAt = (provider: string, model: string, change: Partial<RepairedPrefix> = {}): number | null =>
  repairSaving(catalog.find(provider, model, at), findRule(provider, model), { ...prefix, ...change }, { at, served: {} });

// claude-sonnet-5, USD per million: input 2, read 0.20, write 2.50; from 1,024 tokens on, for five minutes.
const cases: readonly (readonly [what: string, change: Partial<RepairedPrefix>, nanoUsd: number])[] = [
  ['the client’s mark would have written it anew', {}, 10_000 * (2500 - 200)],
  ['marks of ours would not have been set', { isMarked: false, isMarkedByUs: true }, 10_000 * (2000 - 200)],
  ['nobody marks it, nothing is read', { isMarked: false }, 0],
  ['too long since the last call', { gapMs: 5 * minute }, 0],
  ['just in time', { gapMs: 5 * minute - 1 }, 10_000 * 2300],
  ['too short to be kept', { reusedTokens: 1023 }, 0],
  ['long enough together with what stands before', { sharedTokens: 1000, reusedTokens: 24 }, 1024 * 2300],
  ['what stands before is read anyway', { sharedTokens: 2000, reusedTokens: 1000 }, 1000 * 2300],
  ['what is told more costs', { reusedTokens: 0, addedTokens: 50 }, -50 * 2000],
];
for (const [what, change, nanoUsd] of cases)
  test(`Claude: ${what}`, () => assert.equal(savedAt('anthropic', 'claude-sonnet-5', change), nanoUsd));

test('caches that need no marks: writing costs nothing up to GPT-5.5, and a quarter more from 5.6 on', () => {
  const unmarked = { isMarked: false };
  assert.equal(savedAt('openai', 'gpt-5.5', unmarked), 10_000 * (5000 - 500));
  assert.equal(savedAt('openai', 'gpt-5.6-sol', unmarked), 10_000 * (5000 - 400));
});

test('without a rule or a price it is unknown, not 0', () => {
  assert.equal(savedAt('groq', 'llama-3.3-70b-versatile'), null);
  assert.equal(savedAt('anthropic', 'nobody-knows'), null);
});
