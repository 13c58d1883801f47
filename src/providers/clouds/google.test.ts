import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { inTime, optional } from './credentials.ts';
import { googleAuthorizer } from './google.ts';

const request = { method: 'POST', origin: new URL('https://x.example'), path: '/', body: Buffer.alloc(0) };
const noCredentials = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GatewayError);
  assert.equal(error.code, 'no_credentials');
  assert.match(error.message, words);
  return true;
};

test('each call asks for the token, whose source is opened once', async () => {
  let opened = 0;
  let asked = 0;
  const authorize = googleAuthorizer('key.json', (keyFile) => {
    opened++;
    assert.equal(keyFile, 'key.json');
    return Promise.resolve({ getAccessToken: () => Promise.resolve(`t${++asked}`) });
  });
  assert.deepEqual(
    [await authorize(request), await authorize(request)],
    [
      ['authorization', 'Bearer t1'],
      ['authorization', 'Bearer t2'],
    ],
  );
  assert.equal(opened, 1);
});

test('without a token nothing is sent, its reason stays inside, and the next call looks again', async () => {
  let opened = 0;
  const authorize = googleAuthorizer(undefined, () => {
    opened++;
    return Promise.resolve({ getAccessToken: () => Promise.reject(new Error('/nowhere/secret.json is not there')) });
  });
  await assert.rejects(authorize(request), noCredentials(/^no credentials of Google Cloud for this provider$/));
  await assert.rejects(authorize(request), noCredentials(/^no credentials/));
  assert.equal(opened, 2);
  const silent = googleAuthorizer(undefined, () => Promise.resolve({ getAccessToken: () => Promise.resolve(null) }));
  await assert.rejects(silent(request), noCredentials(/gave no token/));
});

test('what takes longer than the limit is no credential', async () => {
  const never = new Promise<string>(() => {});
  await assert.rejects(
    inTime('AWS', () => never, 1),
    noCredentials(/of AWS/),
  );
});

test('a package that is not installed is named, with how to get it', async () => {
  await assert.rejects(
    optional('not-there', () => import(`not-there-${String(1)}`)),
    noCredentials(/npm install not-there$/),
  );
});

test('a key file is that of a service account, or is refused by name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'modicum-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'key.json');
  await writeFile(file, '{"type":"authorized_user","client_email":"e"}');
  await assert.rejects(googleAuthorizer(file)(request), noCredentials(/no key of a service account/));
  await assert.rejects(googleAuthorizer(join(folder, 'none.json'))(request), noCredentials(/^no credentials of Google Cloud/));
});

test("Google's library gets a token from the metadata server", async (t) => {
  const server = createServer(({ url }, response) => {
    response.setHeader('metadata-flavor', 'Google').setHeader('content-type', 'application/json');
    response.end(url?.includes('/token') ? '{"access_token":"from-metadata","expires_in":3600,"token_type":"Bearer"}' : '{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const before = { host: process.env['GCE_METADATA_HOST'], file: process.env['GOOGLE_APPLICATION_CREDENTIALS'], home: process.env['HOME'] };
  t.after(() => {
    for (const [name, value] of [
      ['GCE_METADATA_HOST', before.host],
      ['GOOGLE_APPLICATION_CREDENTIALS', before.file],
      ['HOME', before.home],
    ] as const)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });
  process.env['GCE_METADATA_HOST'] = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['HOME'] = '/nowhere';
  delete process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  assert.deepEqual(await googleAuthorizer(undefined)(request), ['authorization', 'Bearer from-metadata']);
});
