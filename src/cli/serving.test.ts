import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../config/load.ts';
import { temporaryDir } from '../ledger/fixtures.ts';
import { emulatorProviders, providersFor, type ServingOptions } from './serving.ts';

const options: ServingOptions = {
  env: {},
  probe: () => Promise.resolve(undefined),
  pricesAt: () => undefined,
  emulatorOnly: false,
};
const listed = { providers: { mine: { protocol: 'openai', baseUrl: 'https://api.example/v1' } } } as const;

for (const [what, changes, data, source, names] of [
  ['providers of the file, and no others', { env: { OPENAI_API_KEY: 'k' } }, listed, 'file', ['mine']],
  ['a key in the environment', { env: { OPENAI_API_KEY: 'k' } }, {}, 'found', ['openai', 'anthropic', 'google']],
  ['a server on this machine', { probe: (url: string) => Promise.resolve(url.includes(':11434') ? ['llama3:latest'] : undefined) }, {}, 'found', ['openai', 'anthropic', 'google', 'ollama']],
  ['nothing at all', {}, {}, 'emulator', ['emulator-openai', 'emulator-anthropic', 'emulator-google']],
  ['the emulator asked for, though there are others', { emulatorOnly: true }, listed, 'emulator', ['emulator-openai', 'emulator-anthropic', 'emulator-google']],
] as const) {
  test(`serves with: ${what}`, async (context) => {
    const providers = providersFor({ ...options, ...changes });
    context.after(() => providers.close());
    const serving = await providers.complete(await loadConfig({ env: {}, cwd: temporaryDir(context), data }));
    assert.deepEqual([serving.source, Object.keys(serving.config.providers)], [source, names]);
  });
} // prettier-ignore

test('the emulator stays the same over reloads', async (context) => {
  const providers = providersFor(options);
  context.after(() => providers.close());
  const loaded = await loadConfig({ env: {}, cwd: temporaryDir(context) });
  const [first, second] = [await providers.complete(loaded), await providers.complete(loaded)];
  assert.deepEqual(first.config.providers, second.config.providers);
});

test('the emulator’s providers are priced as the vendors they stand for', () => {
  const providers = Object.values(emulatorProviders('http://127.0.0.1:7'));
  assert.deepEqual(
    providers.map(({ prices, baseUrl, hosting }) => [prices, baseUrl, hosting]),
    [
      ['openai', 'http://127.0.0.1:7/v1', 'self-hosted'],
      ['anthropic', 'http://127.0.0.1:7', 'self-hosted'],
      ['google', 'http://127.0.0.1:7', 'self-hosted'],
    ],
  );
});
