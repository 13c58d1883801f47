import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialOf } from './credential.ts';

const signed = (second: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKIA1/2026${second}/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=${second.repeat(16)}`;
const rows: readonly (readonly [name: string, value: string, credential: string])[] = [
  ['authorization', 'Bearer sk-1', 'Bearer sk-1'],
  ['authorization', signed('1125'), 'AKIA1'],
  ['authorization', signed('1126'), 'AKIA1'],
  ['x-api-key', 'sk-ant-1', 'sk-ant-1'],
  ['x-goog-api-key', 'AIza1', 'AIza1'],
  ['api-key', 'azure-1', 'azure-1'],
  ['accept', 'text/plain', ''],
];
for (const [name, value, credential] of rows)
  test(`${name}: ${value.slice(0, 60)} is the credential ${JSON.stringify(credential)}`, () => {
    assert.equal(
      credentialOf((asked) => (asked === name ? value : undefined), new URLSearchParams()),
      credential,
    );
  });

test('a key in the query, as Google takes it', () => {
  assert.equal(
    credentialOf(() => undefined, new URLSearchParams('key=AIza2')),
    'AIza2',
  );
});
