import assert from 'node:assert/strict';
import { test } from 'node:test';
import { azurePath } from './azure.ts';
import { withEmulator } from './testing.ts';

const paths: readonly (readonly [path: string, query: string, expected: object | undefined])[] = [
  ['/openai/v1/chat/completions', '', { path: '/v1/chat/completions' }],
  ['/openai/v1/responses', 'api-version=preview', { path: '/v1/responses' }],
  ['/openai/deployments/my%20gpt/chat/completions', 'api-version=2024-10-21', { path: '/v1/chat/completions', deployment: 'my gpt' }],
  ['/openai/deployments/e/embeddings', 'api-version=2024-10-21', { path: '/v1/embeddings', deployment: 'e' }],
  ['/openai/responses', 'api-version=2025-03-01-preview', { path: '/v1/responses' }],
  ['/openai/deployments/a/chat/completions', '', undefined],
  ['/openai/deployments/a/responses', 'api-version=2024-10-21', undefined],
  ['/openai/chat/completions', 'api-version=2024-10-21', undefined],
  ['/v1/chat/completions', 'api-version=2024-10-21', undefined],
];
for (const [path, query, expected] of paths)
  test(`${path}?${query} is ${expected ? JSON.stringify(expected) : "none of Azure's"}`, () => {
    assert.deepEqual(azurePath(path, new URLSearchParams(query)), expected);
  });

test('a deployment answers in the name of its model, and is billed as it', async () => {
  await withEmulator({ aliases: { mine: 'gpt-5-mini' } }, async ({ post, emulator }) => {
    const body = { messages: [{ role: 'user', content: 'Hello' }] };
    const answer = await post('/openai/deployments/mine/chat/completions?api-version=2024-10-21', body, { 'api-key': 'k' });
    assert.equal(((await answer.json()) as { model: string }).model, 'gpt-5-mini');
    assert.deepEqual(
      emulator.bill().calls.map(({ model }) => model),
      ['gpt-5-mini'],
    );
    const undated = await post('/openai/deployments/mine/chat/completions', body, { 'api-key': 'k' });
    assert.equal(undated.status, 404);
  });
});
