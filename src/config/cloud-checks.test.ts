import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudFaults } from './cloud-checks.ts';
import { newProvider } from './provider.ts';
import { providerOptions } from './schema/provider.ts';
import { awsRegionOf, upstreamOf } from './upstream.ts';

const vertexUrl = 'https://aiplatform.googleapis.com/v1/projects/p/locations/global';
const bedrockUrl = 'https://bedrock-runtime.eu-central-1.amazonaws.com';
const keys = { accessKeyId: 'a', secretAccessKey: 's' };

type Row = readonly [name: string, options: object, keys: readonly string[]];
const rows: readonly Row[] = [
  ['Gemini on Vertex', { protocol: 'google', baseUrl: vertexUrl, paths: 'vertex', auth: 'google-oauth' }, []],
  ['Claude on Vertex with a token', { protocol: 'anthropic', baseUrl: vertexUrl, paths: 'vertex', auth: 'bearer', apiKey: 't' }, []],
  ['Bedrock signed, region by host', { protocol: 'bedrock', baseUrl: bedrockUrl, auth: 'aws-sigv4', awsKeys: keys }, []],
  ['Bedrock with an API key', { protocol: 'bedrock', baseUrl: bedrockUrl, apiKey: 'k' }, []],
  ['a key that is not used', { protocol: 'bedrock', baseUrl: bedrockUrl, auth: 'aws-sigv4', apiKey: 'k' }, ['apiKey']],
  ['no region', { protocol: 'bedrock', baseUrl: 'https://proxy.example', auth: 'aws-sigv4' }, ['region']],
  ['keys that are not used', { protocol: 'bedrock', baseUrl: bedrockUrl, apiKey: 'k', awsKeys: keys }, ['awsKeys']],
  ['a key file that is not used', { protocol: 'google', baseUrl: vertexUrl, googleKeyFile: 'f' }, ['googleKeyFile']],
  ['Vertex of another protocol', { protocol: 'openai', baseUrl: vertexUrl, paths: 'vertex' }, ['paths']],
  ['Vertex without a project', { protocol: 'google', baseUrl: 'https://aiplatform.googleapis.com', paths: 'vertex' }, ['baseUrl']],
  ['InvokeModel of another protocol', { protocol: 'google', baseUrl: bedrockUrl, paths: 'bedrock-invoke' }, ['paths']],
  ['Bedrock without credentials', { protocol: 'bedrock', baseUrl: bedrockUrl }, ['auth']],
];
for (const [name, options, expected] of rows)
  test(`${name}: ${expected.length === 0 ? 'right' : `${expected.join(', ')} wrong`}`, () => {
    assert.deepEqual(
      cloudFaults(providerOptions.parse(options)).map(([key]) => key),
      expected,
    );
  });

test('the region is told, or stands in the host', () => {
  assert.equal(awsRegionOf({ region: undefined, baseUrl: bedrockUrl }), 'eu-central-1');
  assert.equal(awsRegionOf({ region: 'us-west-2', baseUrl: bedrockUrl }), 'us-west-2');
  assert.equal(awsRegionOf({ region: undefined, baseUrl: 'https://vpce-1.bedrock-runtime.example' }), undefined);
});

test('what speaks a cloud or is signed for it is never self-hosted, wherever its host is', () => {
  const local = newProvider('b', { protocol: 'bedrock', baseUrl: 'http://127.0.0.1:1' });
  assert.equal(local.hosting, 'cloud');
  const signed = upstreamOf({ ...local, auth: 'aws-sigv4', region: 'us-east-1', awsKeys: keys });
  assert.deepEqual([signed.access, signed.auth], [{ kind: 'aws-sigv4', region: 'us-east-1', keys }, undefined]);
  const oauth = upstreamOf({ ...local, auth: 'google-oauth', googleKeyFile: '/etc/key.json' });
  assert.deepEqual(oauth.access, { kind: 'google-oauth', keyFile: '/etc/key.json' });
});
