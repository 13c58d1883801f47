import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig, type PartialConfig } from './load.ts';
import { mask, printConfig } from './print.ts';

const data = {
  server: { adminToken: 'token-0123456789' },
  providers: {
    a: { protocol: 'openai', baseUrl: 'https://a.example/v1', apiKey: 'sk-secret', headers: { 'x-extra': 'header-secret' } },
    b: { protocol: 'anthropic', baseUrl: 'https://b.example' },
    c: { protocol: 'openai', baseUrl: 'https://c.example/v1', apiKeys: ['sk-first', 'sk-second'] },
  },
  insight: { engine: 'clickhouse', clickhouse: { url: 'http://u:ch-secret@h:8123' } },
  models: { m: { targets: [{ provider: 'a', apiKey: 'sk-target' }, { provider: 'c' }] } },
} satisfies PartialConfig;

test('the configuration in effect is printed with every secret masked', async () => {
  const { config } = await loadConfig({ env: {}, cwd: import.meta.dirname, data });
  const text = printConfig(config);
  for (const secret of ['token-0123456789', 'sk-secret', 'header-secret', 'sk-first', 'sk-second', 'sk-target', 'ch-secret'])
    assert.equal(text.includes(secret), false, secret);
  const printed = parse(text) as typeof config;
  assert.equal(printed.server.adminToken, mask);
  assert.equal(printed.server.port, 4000);
  assert.deepEqual([printed.providers['a']?.apiKey, printed.providers['a']?.headers], [mask, { 'x-extra': mask }]);
  assert.deepEqual(printed.providers['c']?.apiKeys, [mask, mask]);
  assert.deepEqual(
    printed.models['m']?.targets?.map(({ apiKey }) => apiKey),
    [mask, undefined],
  );
  assert.equal(printed.providers['b'] && 'apiKey' in printed.providers['b'], false);
});

test('the configuration itself keeps them', async () => {
  const { config } = await loadConfig({ env: {}, cwd: import.meta.dirname, data });
  printConfig(config);
  assert.equal(config.providers['a']?.apiKey, 'sk-secret');
});
