import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalog } from '../catalog/catalog.ts';
import { prefixSaving, type PrefixChange } from './prefix-cost.ts';

const at = Date.UTC(2026, 10, 1);
// Per million tokens: input 3 USD, read 0.30, write for five minutes 3.75.
const card = createCatalog().find('anthropic', 'claude-sonnet-4-5', at)!;
const saved = (change: PrefixChange): number | null => prefixSaving(card, change, { at, served: {} });

test('what a changed prefix saves is net of lost reads and of what is written again', () => {
  for (const [name, change, nanoUsd] of [
    ['nothing changed', { before: { cacheRead: 1000 }, after: { cacheRead: 1000 } }, 0],
    ['a repaired prefix is read', { before: { input: 10_000 }, after: { cacheRead: 10_000 } }, 27_000_000],
    ['a cached prefix is shortened: it is written anew', { before: { cacheRead: 10_000 }, after: { cacheWrite5m: 6000 } }, -19_500_000],
    ['later calls read the shorter one', { before: { cacheRead: 10_000 }, after: { cacheWrite5m: 6000 }, laterCalls: 16 }, -300_000],
    ['one more, and it pays', { before: { cacheRead: 10_000 }, after: { cacheWrite5m: 6000 }, laterCalls: 17 }, 900_000],
    ['an unknown count', { before: { cacheRead: null }, after: { input: 1 } }, null],
  ] as const)
    assert.equal(saved(change), nanoUsd, name);
});

test('without a price it is unknown, not 0', () => {
  assert.equal(prefixSaving(undefined, { before: { input: 1 }, after: {} }, { at, served: {} }), null);
});
