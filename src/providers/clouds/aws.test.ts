import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkSignature } from '../../emulator/clouds/sigv4.ts';
import { headerOf } from '../../core/reply.ts';
import { awsAuthorizer } from './aws.ts';

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const now = () => new Date('2015-08-30T12:36:00Z');
const empty = Buffer.alloc(0);

test("a request of AWS's own test suite (get-vanilla) gets the signature that AWS says", async () => {
  const authorize = awsAuthorizer({ region: 'us-east-1', service: 'service', keys, now });
  const headers = await authorize({ method: 'GET', origin: new URL('https://example.amazonaws.com'), path: '/', body: empty });
  assert.deepEqual(headers, [
    'x-amz-date',
    '20150830T123600Z',
    'authorization',
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ]);
});

test('any path, query and body is signed as the other side reads it', async () => {
  const origin = new URL('https://bedrock-runtime.us-east-1.amazonaws.com');
  const authorize = awsAuthorizer({ region: 'us-east-1', keys, now });
  const part = fc.string({ minLength: 1, unit: 'grapheme' }).map((text) => encodeURIComponent(text).replaceAll('.', '%2E'));
  await fc.assert(
    fc.asyncProperty(part, fc.option(part), fc.uint8Array(), async (name, query, bytes) => {
      const path = `/model/${name}/invoke${query === null ? '' : `?a=${query}`}`;
      const body = Buffer.from(bytes);
      const headers = [...(await authorize({ method: 'POST', origin, path, body })), 'host', origin.host];
      const signed = { method: 'POST', url: path, header: (wanted: string) => headerOf(headers, wanted), body };
      const secrets = { [keys.accessKeyId]: keys.secretAccessKey };
      checkSignature(signed, secrets, now().getTime());
      assert.throws(() => checkSignature({ ...signed, body: Buffer.from([...bytes, 1]) }, secrets, now().getTime()), /does not match/);
    }),
    { numRuns: 100 },
  );
});

test('a session token is sent and signed', async () => {
  const authorize = awsAuthorizer({ region: 'us-east-1', keys: { ...keys, sessionToken: 'session' }, now });
  const headers = await authorize({ method: 'POST', origin: new URL('https://x.example'), path: '/', body: empty });
  assert.equal(headerOf(headers, 'x-amz-security-token'), 'session');
  assert.match(headerOf(headers, 'authorization') ?? '', /SignedHeaders=host;x-amz-date;x-amz-security-token,/);
});
