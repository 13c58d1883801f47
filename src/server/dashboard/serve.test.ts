import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { createDashboard } from './serve.ts';

async function served(context: TestContext): Promise<{ readonly url: string; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'modicum-page-'));
  const serve = createDashboard([join(folder, 'missing'), join(folder, 'web')]);
  const server = http.createServer((request, response) => {
    serve(request, response, request.url!.split('?')[0]!).catch((error: unknown) => {
      response.writeHead(GatewayError.from(error).status).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, folder };
}

async function built(folder: string, page: string): Promise<void> {
  await mkdir(join(folder, 'web/assets'), { recursive: true });
  await writeFile(join(folder, 'web/index.html'), page);
  await writeFile(join(folder, 'web/assets/index-abc123.js'), 'console.log("a");'.repeat(50));
  await writeFile(join(folder, 'secret.txt'), 'secret');
}

test('while nothing is built the page says how to build it; a build is taken up without a restart, and so is the next', async (context) => {
  const { url, folder } = await served(context);
  assert.match(await (await fetch(url)).text(), /npm run build:web/);
  await built(folder, 'first');
  assert.equal(await (await fetch(url)).text(), 'first');
  await built(folder, 'second');
  await utimes(join(folder, 'web/index.html'), new Date(), new Date(Date.now() + 5000));
  assert.equal(await (await fetch(`${url}/ui/calls?f=app:x`)).text(), 'second', 'each address of the dashboard is the one page');
});

test('the page allows nothing inline and nothing from elsewhere, and is asked for anew; its files are kept for ever', async (context) => {
  const { url, folder } = await served(context);
  await built(folder, 'page');
  const page = await fetch(url);
  const policy = page.headers.get('content-security-policy')!;
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const file = await fetch(`${url}/ui/assets/index-abc123.js`);
  assert.deepEqual(
    ['content-type', 'content-encoding', 'cache-control', 'x-content-type-options'].map((name) => file.headers.get(name)),
    ['text/javascript; charset=utf-8', 'gzip', 'public, max-age=31536000, immutable', 'nosniff'],
  );
  assert.equal(await file.text(), 'console.log("a");'.repeat(50));
  const plain = await fetch(`${url}/ui/assets/index-abc123.js`, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  const head = await fetch(url, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
});

test('only files of the build are given out', async (context) => {
  const { url, folder } = await served(context);
  await built(folder, 'page');
  for (const path of ['/ui/assets/other.js', '/ui/assets/..%2f..%2fsecret.txt', '/ui/assets/', '/ui/assets/.', '/ui/assets/index.html'])
    assert.equal(await statusOf(url, path), 404, path);
  assert.equal(await statusOf(url, '/ui/assets/../../secret.txt'), 404, 'sent as it stands');
});

const statusOf = (url: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    http.get({ hostname, port, path, agent: false }, (response) => resolve(response.resume().statusCode!)).once('error', reject);
  });
