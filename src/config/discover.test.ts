import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from './config-error.ts';
import { discoverProviders } from './discover.ts';
import type { Probe } from './probe.ts';
import type { ProviderConfig } from './schema.ts';
import { vendors } from './vendors.ts';

const server = { host: '127.0.0.1', port: 4000 };
const nobody: Probe = () => Promise.resolve(undefined);
const at =
  (lists: Readonly<Record<string, readonly string[]>>): Probe =>
  (url) =>
    Promise.resolve(lists[url]);

const discover = (env: Record<string, string>, probe = nobody, port = server.port) =>
  discoverProviders({ env, probe, server: { ...server, port } });
const keysOf = (providers: Readonly<Record<string, ProviderConfig>>) =>
  Object.fromEntries(Object.values(providers).map(({ name, apiKey }) => [name, apiKey]));

test('nothing to be had is an empty set', async () => {
  assert.deepEqual(await discover({}), {});
  assert.deepEqual(await discover({ OPENAI_API_KEY: ' ', OPENAI_BASE_URL: 'https://p.example/v1' }), {});
});

test('a key makes its vendor a provider; the three vendors pass credentials on beside it', async () => {
  assert.deepEqual(keysOf(await discover({ MISTRAL_API_KEY: 'm' })), {
    openai: undefined,
    anthropic: undefined,
    google: undefined,
    mistral: 'm',
  });
});

test('every key variable of the table is found', async () => {
  for (const { name, keyVariables, baseUrl, protocol, prices } of vendors)
    for (const variable of keyVariables) {
      const found = (await discover({ [variable]: 'k' }))[name];
      assert.deepEqual(
        found && [found.apiKey, found.baseUrl, found.protocol, found.prices, found.hosting],
        ['k', baseUrl, protocol, prices, 'api'],
        variable,
      );
    }
});

test('of two key variables the first counts', async () => {
  assert.equal((await discover({ GOOGLE_API_KEY: '2', GEMINI_API_KEY: '1' }))['google']?.apiKey, '1');
});

describe('base URL variables', () => {
  const baseUrlWith = async (env: Record<string, string>) => (await discover({ OPENAI_API_KEY: 'k', ...env }))['openai']?.baseUrl;

  test('are followed', async () => {
    assert.equal(await baseUrlWith({ OPENAI_BASE_URL: 'https://proxy.example/v1/' }), 'https://proxy.example/v1');
  });

  test('are not followed back to this gateway', async () => {
    for (const url of ['http://127.0.0.1:4000/v1', 'http://localhost:4000/c/app/v1'])
      assert.equal(await baseUrlWith({ OPENAI_BASE_URL: url }), 'https://api.openai.com/v1');
  });

  const faults: readonly (readonly [variable: string, value: string, says: string])[] = [
    ['OPENAI_BASE_URL', 'nonsense', 'the environment variable OPENAI_BASE_URL is not a URL that begins with http:// or https://'],
    ['OPENAI_BASE_URL', 'ftp://a.example', 'the environment variable OPENAI_BASE_URL is not a URL that begins with http:// or https://'],
    [
      'ANTHROPIC_BASE_URL',
      'https://a.example/v1',
      'the environment variable ANTHROPIC_BASE_URL ends with /v1, which anthropic requests bring along; take /v1 off',
    ],
  ];
  for (const [variable, value, says] of faults)
    test(`${variable}=${value} is an error: the key must not go elsewhere`, async () => {
      await assert.rejects(baseUrlWith({ [variable]: value }), (error) => error instanceof ConfigError && error.message === says);
    });
});

describe('servers on this machine', () => {
  test('become self-hosted providers with the models they list', async () => {
    const found = await discover(
      {},
      at({
        'http://127.0.0.1:11434/v1/models': ['llama3:latest', 'qwen3:8b'],
        'http://127.0.0.1:8000/v1/models': ['org/model'],
        'http://127.0.0.1:8080/v1/models': [],
        'http://127.0.0.1:1234/v1/models': ['phi'],
      }),
    );
    const shown = Object.values(found).filter(({ hosting }) => hosting === 'self-hosted');
    assert.deepEqual(
      shown.map(({ name, baseUrl, models, apiKey, prices }) => ({ name, baseUrl, models, apiKey, prices })),
      [
        {
          name: 'ollama',
          baseUrl: 'http://127.0.0.1:11434/v1',
          models: ['llama3:latest', 'qwen3:8b', 'llama3'],
          apiKey: undefined,
          prices: undefined,
        },
        { name: 'vllm', baseUrl: 'http://127.0.0.1:8000/v1', models: ['org/model'], apiKey: undefined, prices: undefined },
        { name: 'llama-cpp', baseUrl: 'http://127.0.0.1:8080/v1', models: [], apiKey: undefined, prices: undefined },
        { name: 'lm-studio', baseUrl: 'http://127.0.0.1:1234/v1', models: ['phi'], apiKey: undefined, prices: undefined },
      ],
    );
    assert.deepEqual(Object.keys(found).slice(0, 3), ['openai', 'anthropic', 'google']);
  });

  test('this gateway itself is not asked', async () => {
    const asked: string[] = [];
    const probe: Probe = (url) => {
      asked.push(url);
      return Promise.resolve(undefined);
    };
    await discover({}, probe, 8080);
    assert.deepEqual(asked, ['http://127.0.0.1:11434/v1/models', 'http://127.0.0.1:8000/v1/models', 'http://127.0.0.1:1234/v1/models']);
  });
});
