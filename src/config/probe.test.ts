import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { maxProbeBytes, maxProbedModels, probeModels } from './probe.ts';

async function probing(answer: RequestListener): Promise<readonly string[] | undefined> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await probeModels(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/models`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json =
  (body: unknown): RequestListener =>
  (_, response) =>
    response.end(JSON.stringify(body));
const models = (count: number) => ({ data: Array.from({ length: count }, (_, index) => ({ id: `m${index}` })) });

test('a list of models is read, with no credentials sent', async () => {
  let headers: readonly string[] = [];
  const found = await probing((request, response) => {
    headers = Object.keys(request.headers);
    response.end('{"object":"list","data":[{"id":"a","object":"model"},{"id":"b"}]}');
  });
  assert.deepEqual(found, ['a', 'b']);
  assert.equal(headers.includes('authorization'), false);
});

const noList: Readonly<Record<string, RequestListener>> = {
  'an error': (_, response) => response.writeHead(404).end('{"data":[]}'),
  'a page': (_, response) => response.end('<html>'),
  'another list': json({ data: [{ name: 'a' }] }),
  'no object': json(null),
  'no list': json({ data: 'a' }),
  'a redirect': (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
  'a body that is too long': (_, response) => response.end(`{"data":[]${' '.repeat(maxProbeBytes)}}`),
  silence: () => {},
};
for (const [name, answer] of Object.entries(noList))
  test(`${name} is no server`, async () => assert.equal(await probing(answer), undefined));

test('a closed port is no server', async () => assert.equal(await probeModels('http://127.0.0.1:1/v1/models'), undefined));

test('a body as long as may be is read, and as many models as may be', async () => {
  const start = '{"data":[{"id":"a"}]';
  const longest: RequestListener = (_, response) => response.end(`${start}${' '.repeat(maxProbeBytes - start.length - 1)}}`);
  assert.deepEqual(await probing(longest), ['a']);
  assert.equal((await probing(json(models(maxProbedModels))))?.length, maxProbedModels);
  assert.equal((await probing(json(models(maxProbedModels + 1))))?.length, maxProbedModels);
});
