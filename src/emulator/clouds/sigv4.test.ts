import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { checkSignature } from './sigv4.ts';

/** Written out by hand from AWS's description, for one fixed request. */
const secrets = { KEY: 'secret' };
const now = Date.parse('2026-11-25T12:00:00Z');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const key = hmac(hmac(hmac(hmac('AWS4secret', '20261125'), 'us-east-1'), 'bedrock'), 'aws4_request');
const text = [
  'AWS4-HMAC-SHA256',
  '20261125T120000Z',
  '20261125/us-east-1/bedrock/aws4_request',
  // sha256 of "POST\n/model/m%253A0/invoke\n\nhost:h\nx-amz-date:20261125T120000Z\n\nhost;x-amz-date\n" and the hash of an empty body
  'b95eb535f110b491ce39b986d3669e93bbdb605c8602396ee54bc6c68f6676d4',
].join('\n');

const request = (changes: Readonly<Record<string, string>> = {}) => {
  const headers: Readonly<Record<string, string>> = { host: 'h', 'x-amz-date': '20261125T120000Z', ...changes };
  return { method: 'POST', url: '/model/m%3A0/invoke', header: (name: string) => headers[name], body: Buffer.alloc(0) };
};
const authorization = (id: string, signature: string): string =>
  `AWS4-HMAC-SHA256 Credential=${id}/20261125/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`;
const signature = hmac(key, text).toString('hex');

test('the signature of the request is taken', () => {
  assert.doesNotThrow(() => checkSignature(request({ authorization: authorization('KEY', signature) }), secrets, now));
});

const skew = 5 * 60_000;
type Row = readonly [name: string, changes: Readonly<Record<string, string>>, body: string, at: number, says: RegExp];
const rows: readonly Row[] = [
  ['no signature', {}, '', now, /Missing Authentication Token/],
  ['an unknown key', { authorization: authorization('OTHER', signature) }, '', now, /security token/],
  ['another signature', { authorization: authorization('KEY', '0'.repeat(64)) }, '', now, /does not match/],
  ['another body', { authorization: authorization('KEY', signature) }, 'x', now, /does not match/],
  ['another host', { authorization: authorization('KEY', signature), host: 'i' }, '', now, /does not match/],
  ['an old request', { authorization: authorization('KEY', signature) }, '', now + skew + 1, /expired/],
  ['a request of tomorrow', { authorization: authorization('KEY', signature) }, '', now - skew - 1, /expired/],
];
for (const [name, changes, body, at, says] of rows)
  test(`${name} is refused`, () => {
    assert.throws(() => checkSignature({ ...request(changes), body: Buffer.from(body) }, secrets, at), says);
  });

test('the limits of the clock are inside', () => {
  for (const at of [now - skew, now + skew])
    assert.doesNotThrow(() => checkSignature(request({ authorization: authorization('KEY', signature) }), secrets, at));
});
