import assert from 'node:assert/strict';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { SessionStore } from '../../core/stores.ts';
import type { Attempts } from './attempts.ts';
import type { Exchange } from '../context.ts';
import { AdminText } from './route.ts';
import { createAdmin } from './serve.ts';

const piece = 'x'.repeat(1 << 20);

test('a stream that waits for a slow client again and again leaves nothing on the response', async (context) => {
  let asked = 0;
  let most = 0;
  let response: ServerResponse | undefined;
  async function* pieces(): AsyncGenerator<string> {
    for (; asked < 30; asked++) {
      most = Math.max(most, response!.listenerCount('close'), response!.listenerCount('error'));
      yield piece;
    }
  }
  const admin = createAdmin({
    token: undefined,
    host: '127.0.0.1',
    attempts: {} as Attempts,
    sessions: {} as SessionStore,
    now: Date.now,
    addressOf: () => '127.0.0.1',
    routes: [{ method: 'GET', path: '/api/pieces', handle: () => new AdminText('text/plain', pieces()) }],
  });
  const server = createServer((request, answer) => {
    response = answer;
    void admin({ request, response: answer, target: { path: '/api/pieces', query: '' } } as unknown as Exchange);
  }).listen(0, '127.0.0.1');
  context.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const length = await new Promise<number>((resolve) =>
    get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, async (reply) => {
      let bytes = 0;
      for await (const chunk of reply) {
        bytes += (chunk as Buffer).length;
        if (bytes % 10 === 0) await sleep(1);
      }
      resolve(bytes);
    }),
  );
  assert.equal(length, 30 * piece.length);
  assert.ok(most < 8, `${most} listeners`);
});
