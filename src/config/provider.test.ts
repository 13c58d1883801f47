import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceOverrides } from './price-overrides.ts';
import { newProvider } from './provider.ts';
import { upstreamOf } from './upstream.ts';
import { vendorAt, vendors } from './vendors.ts';

const prices: readonly (readonly [name: string, baseUrl: string, byCatalog: string | undefined, prices: string | undefined])[] = [
  ['anything', 'https://api.x.ai/v1', undefined, 'x-ai'],
  ['openai', 'https://x.openai.azure.com/openai/v1', 'azure', 'azure'],
  ['openai', 'https://relay.example/v1', undefined, 'openai'],
  ['openai', 'http://127.0.0.1:9000/v1', undefined, 'openai'],
  ['x-ai', 'http://127.0.0.1:9000/v1', undefined, 'x-ai'],
  ['relay', 'https://relay.example/v1', undefined, undefined],
];
for (const [name, baseUrl, byCatalog, expected] of prices)
  test(`${name} at ${baseUrl} is priced as ${expected ?? 'nobody'}`, () => {
    assert.equal(newProvider(name, { protocol: 'openai', baseUrl }, { pricesAt: () => byCatalog }).prices, expected);
  });

test('each vendor of the table has its own name and is found by its base URL', () => {
  assert.equal(new Set(vendors.map(({ name }) => name)).size, vendors.length);
  for (const vendor of vendors) assert.equal(vendorAt(vendor.baseUrl), vendor);
});

test('dispatch gets headers as a raw list and the base URL parsed', () => {
  const provider = newProvider('a', { protocol: 'openai', baseUrl: 'https://a.example/v1/' }, { apiKey: 'k' });
  const { headers, baseUrl, family, apiKey, timeouts } = upstreamOf({ ...provider, headers: { 'x-a': '1', 'x-b': '2' } });
  assert.deepEqual(headers, ['x-a', '1', 'x-b', '2']);
  assert.deepEqual([baseUrl.href, family, apiKey, timeouts.firstByteMs], ['https://a.example/v1', 'openai', 'k', 600_000]);
});

test("the catalog gets the user's prices under the provider's name of the model", () => {
  const models = {
    small: { provider: 'local', model: 'llama3', prices: { input: '0.02', output: undefined } },
    plain: { provider: 'local', model: 'qwen3' },
  };
  assert.deepEqual(priceOverrides({ models }), [{ provider: 'local', model: 'llama3', prices: { input: '0.02' } }]);
});
