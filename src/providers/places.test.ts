import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localServers } from '../config/discover.ts';
import type { Family } from '../core/api.ts';
import { newProvider } from '../config/provider.ts';
import { upstreamOf } from '../config/upstream.ts';
import { vendors } from '../config/vendors.ts';
import { upstreamPath } from './path.ts';
import { credentialsFor, type Provider } from './provider.ts';

const chat = '/v1/chat/completions';
const google = '/v1beta/models/asked:generateContent';

type Row = readonly [name: string, asked: string, url: string, auth: string];
const known: readonly Row[] = [
  ['openai', chat, 'https://api.openai.com/v1/chat/completions', 'authorization: Bearer k'],
  ['anthropic', '/v1/messages', 'https://api.anthropic.com/v1/messages', 'x-api-key: k'],
  ['google', google, 'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent', 'x-goog-api-key: k'],
  ['mistral', chat, 'https://api.mistral.ai/v1/chat/completions', 'authorization: Bearer k'],
  ['deepseek', chat, 'https://api.deepseek.com/v1/chat/completions', 'authorization: Bearer k'],
  ['xai', chat, 'https://api.x.ai/v1/chat/completions', 'authorization: Bearer k'],
  ['moonshot', chat, 'https://api.moonshot.ai/v1/chat/completions', 'authorization: Bearer k'],
  ['perplexity', chat, 'https://api.perplexity.ai/chat/completions', 'authorization: Bearer k'],
  ['groq', chat, 'https://api.groq.com/openai/v1/chat/completions', 'authorization: Bearer k'],
  ['openrouter', chat, 'https://openrouter.ai/api/v1/chat/completions', 'authorization: Bearer k'],
  ['together', chat, 'https://api.together.xyz/v1/chat/completions', 'authorization: Bearer k'],
  ['fireworks', chat, 'https://api.fireworks.ai/inference/v1/chat/completions', 'authorization: Bearer k'],
  ['cerebras', chat, 'https://api.cerebras.ai/v1/chat/completions', 'authorization: Bearer k'],
  ['cohere', chat, 'https://api.cohere.ai/compatibility/v1/chat/completions', 'authorization: Bearer k'],
];

const placed = (provider: Provider, asked: string): readonly [string, string] => {
  const [name, value] = credentialsFor(provider, []);
  return [`${provider.baseUrl.origin}${upstreamPath(provider, asked, 'm')}`, `${name}: ${value}`];
};

describe('where a chat goes, and how its key is sent', () => {
  test('every vendor of the table has a row here', () => {
    assert.deepEqual(
      known.map(([name]) => name),
      vendors.map(({ name }) => name),
    );
  });

  for (const [name, asked, url, auth] of known)
    test(name, () => {
      const { protocol, baseUrl } = vendors.find((one) => one.name === name)!;
      assert.deepEqual(placed(upstreamOf(newProvider(name, { protocol, baseUrl }, { apiKey: 'k' })), asked), [url, auth]);
    });

  for (const { name, port } of localServers)
    test(`${name}, without a key`, () => {
      const provider = upstreamOf(newProvider(name, { protocol: 'openai', baseUrl: `http://127.0.0.1:${port}/v1` }));
      assert.equal(provider.baseUrl.origin + upstreamPath(provider, chat, 'm'), `http://127.0.0.1:${port}/v1/chat/completions`);
      assert.deepEqual([credentialsFor(provider, ['x', 'y']), provider.hosting], [['x', 'y'], 'self-hosted']);
    });
});

const azure = (more: Partial<Provider>): Provider => ({
  ...upstreamOf(newProvider('azure', { protocol: 'openai', baseUrl: 'https://r.openai.azure.com/openai' }, { apiKey: 'k' })),
  auth: 'azure-key',
  ...more,
});

describe('Azure', () => {
  const dated = azure({ paths: 'azure-deployments', apiVersion: '2024-10-21' });
  const v1 = azure({ baseUrl: new URL('https://r.openai.azure.com/openai/v1') });
  const paths: readonly (readonly [string, Provider, asked: string, model: string | undefined, path: string])[] = [
    ['v1: as OpenAI', v1, chat, 'm', '/openai/v1/chat/completions'],
    ['dated: the deployment stands in the path', dated, chat, 'm', '/openai/deployments/m/chat/completions?api-version=2024-10-21'],
    ['dated: embeddings too', dated, '/v1/embeddings', 'e', '/openai/deployments/e/embeddings?api-version=2024-10-21'],
    ['dated: responses stand beside', dated, '/v1/responses', 'm', '/openai/responses?api-version=2024-10-21'],
    ['dated: files stand beside', dated, '/v1/files?a=1', undefined, '/openai/files?a=1&api-version=2024-10-21'],
    ["the client's version gives way", dated, '/v1/files?api-version=1', undefined, '/openai/files?api-version=2024-10-21'],
    ['a name cannot leave its place', dated, chat, '../a?b', '/openai/deployments/%2E%2E%2Fa%3Fb/chat/completions?api-version=2024-10-21'],
  ];
  for (const [name, provider, asked, model, path] of paths) test(name, () => assert.equal(upstreamPath(provider, asked, model), path));

  test("the key is Azure's header; without one the client's own goes on", () => {
    assert.deepEqual(credentialsFor(v1, ['authorization', 'Bearer c']), ['api-key', 'k']);
    assert.deepEqual(credentialsFor({ ...v1, apiKey: undefined }, ['authorization', 'Bearer c']), ['authorization', 'Bearer c']);
  });
});

describe('clouds', () => {
  const at = (protocol: Family, baseUrl: string, more: Partial<Provider>): Provider => ({
    ...upstreamOf(newProvider('cloud', { protocol, baseUrl }, { apiKey: 'k' })),
    ...more,
  });
  const location = 'https://aiplatform.googleapis.com/v1/projects/p/locations/global';
  const gemini = at('google', location, { paths: 'vertex' });
  const claude = at('anthropic', `${location}/`, { paths: 'vertex' });
  const invoke = at('anthropic', 'https://bedrock-runtime.us-east-1.amazonaws.com', { paths: 'bedrock-invoke' });
  const converse = at('bedrock', 'https://bedrock-runtime.us-east-1.amazonaws.com', {});
  const base = '/v1/projects/p/locations/global/publishers';
  type CloudRow = readonly [Provider, asked: string, model: string | undefined, stream: boolean, path: string];
  const rows: readonly CloudRow[] = [
    [gemini, google, 'g', false, `${base}/google/models/g:generateContent`],
    [gemini, '/v1beta/models/x:streamGenerateContent?alt=sse', 'g', true, `${base}/google/models/g:streamGenerateContent?alt=sse`],
    [gemini, '/v1beta/models/x:countTokens', '../g?', false, `${base}/google/models/%2E%2E%2Fg%3F:countTokens`],
    [claude, '/v1/messages', 'c@1', false, `${base}/anthropic/models/c%401:rawPredict`],
    [claude, '/v1/messages?beta=true', 'c', true, `${base}/anthropic/models/c:streamRawPredict?beta=true`],
    [claude, '/v1/messages/count_tokens', 'c', false, `${base}/anthropic/models/count-tokens:rawPredict`],
    [invoke, '/v1/messages', 'us.anthropic.c-v1:0', false, '/model/us.anthropic.c-v1%3A0/invoke'],
    [invoke, '/v1/messages', '../c', true, '/model/%2E%2E%2Fc/invoke-with-response-stream'],
    [invoke, '/v1/files', undefined, false, '/v1/files'],
    [converse, '/model/m/converse-stream', 'm', true, '/model/m/converse-stream'],
  ];
  for (const [provider, asked, model, stream, path] of rows)
    test(`${provider.paths ?? provider.family}: ${asked} of ${model ?? 'no model'}${stream ? ', streamed' : ''}`, () =>
      assert.equal(upstreamPath(provider, asked, model, stream), path));

  test('where each request is signed, no credential of a client goes on', () => {
    const signed = at('bedrock', 'https://x.example', { access: { kind: 'aws-sigv4', region: 'us-east-1' } });
    assert.deepEqual(credentialsFor(signed, ['authorization', 'Bearer c']), []);
    assert.equal(upstreamPath({ ...signed, apiKey: undefined }, '/v1/files?key=c', undefined), '/v1/files');
  });
});

test('the header of the key can be told, whatever the protocol', () => {
  const provider = upstreamOf(newProvider('relay', { protocol: 'anthropic', baseUrl: 'https://relay.example' }, { apiKey: 'k' }));
  const headers = (['bearer', 'x-api-key', 'x-goog-api-key'] as const).map((auth) => credentialsFor({ ...provider, auth }, []));
  assert.deepEqual(headers, [
    ['authorization', 'Bearer k'],
    ['x-api-key', 'k'],
    ['x-goog-api-key', 'k'],
  ]);
});
