import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripped } from './stripped.ts';

test('what may hold a secret is not read: keys of providers and of targets, headers, the token', () => {
  const written = {
    server: { adminToken: '${TOKEN}', port: 1 },
    providers: {
      a: { protocol: 'openai', apiKey: '${A}', headers: { x: '${B}' } },
      b: { protocol: 'openai', apiKeys: ['${C}'], apiKeyFile: 'f', apiKeyCommand: ['g'] },
    },
    models: { m: { targets: [{ provider: 'a', apiKey: '${D}', weight: 2 }] }, n: { provider: 'a' } },
  };
  const left = stripped(written);
  assert.doesNotMatch(JSON.stringify(left), /\$\{/);
  assert.deepEqual((left as typeof written).models, { m: { targets: [{ provider: 'a', weight: 2 }] }, n: { provider: 'a' } });
  assert.deepEqual((left as typeof written).providers, { a: { protocol: 'openai' }, b: { protocol: 'openai' } });
});
