import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalog } from './catalog.ts';
import { dialectOf, type MeteringDialect } from './dialects.ts';

const cases: Readonly<Record<string, MeteringDialect>> = {
  openai: { reasoning: 'inside', cache: 'inclusive', streamUsage: 'ask' },
  deepseek: { reasoning: 'inside', cache: 'inclusive', streamUsage: 'ask' },
  'x-ai': { reasoning: 'outside', cache: 'inclusive', streamUsage: 'ask', providerCost: 'usd_ticks' },
  openrouter: { reasoning: 'inside', cache: 'inclusive', streamUsage: 'always', providerCost: 'credits' },
  mistral: { reasoning: 'inside', cache: 'inclusive', streamUsage: 'always' },
  groq: { reasoning: 'inside', cache: 'inclusive', streamUsage: 'always' },
  anthropic: { reasoning: 'inside', cache: 'exclusive', streamUsage: 'ask' },
  google: { reasoning: 'outside', cache: 'inclusive', streamUsage: 'ask' },
  aws: { reasoning: 'inside', cache: 'exclusive', streamUsage: 'ask', priceBy: 'asked' },
};

for (const [provider, dialect] of Object.entries(cases)) test(provider, () => assert.deepEqual(dialectOf(provider), dialect));

test('a server nobody knows counts as OpenAI does', () => {
  assert.deepEqual(dialectOf('my-server'), cases['openai']);
  assert.deepEqual(dialectOf('constructor'), cases['openai']);
});

test('the names are the catalog’s', () => {
  const ids = new Set(
    createCatalog()
      .providers()
      .map(({ id }) => id),
  );
  assert.deepEqual(
    Object.keys(cases).filter((id) => !ids.has(id)),
    [],
  );
});
