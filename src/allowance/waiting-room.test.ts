import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../core/errors.ts';
import type { Closable } from '../core/pipeline.ts';
import type { Account } from './purse.ts';
import { Spender, type Hold } from './spender.ts';
import { testLender } from '../stores/test-lender.ts';
import { WaitingRoom } from './waiting-room.ts';

const account: Account = { id: 'limit/l/all/concurrency', limit: 1, endsAt: undefined };
const wants = [{ account, amount: 1 }];

function clientOf(): Closable & { leave(): void } {
  const listeners = new Set<() => void>();
  let closed = false;
  return {
    get closed() {
      return closed;
    },
    onClose(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    leave() {
      closed = true;
      for (const listener of listeners) listener();
    },
  };
}

async function fullPlace() {
  const options = { owner: 'a', instances: () => 0, ttlMs: 1e6, statementMs: 1e6, onUnavailable: 'refuse' } as const;
  const spender = new Spender({ ...options, lender: testLender() });
  const { hold } = await spender.reserve(wants);
  const { lack } = await spender.reserve(wants);
  return { spender, hold: hold!, lack: lack!, room: new WaitingRoom() };
}

test('those who wait are served in the order in which they came', async () => {
  const { spender, hold, lack, room } = await fullPlace();
  const served: number[] = [];
  const calls = [1, 2, 3].map(async (number) => {
    const waited = await room.wait(account.id, spender, wants, lack, { max: 3, deadlineMs: 5000 }, clientOf());
    served.push(number);
    ('hold' in waited ? waited.hold! : (assert.fail() as Hold)).settle([0]);
  });
  assert.equal(room.size, 3);
  hold.settle([0]);
  await Promise.all(calls);
  assert.deepEqual([served, room.size], [[1, 2, 3], 0]);
});

test('one more than may wait is told so at once', async () => {
  const { spender, hold, lack, room } = await fullPlace();
  const patience = { max: 1, deadlineMs: 5000 };
  const first = room.wait(account.id, spender, wants, lack, patience, clientOf());
  assert.deepEqual(await room.wait(account.id, spender, wants, lack, patience, clientOf()), { full: lack });
  hold.settle([0]);
  assert.ok('hold' in (await first));
});

test('after the deadline the last answer stands', async () => {
  const { spender, lack, room } = await fullPlace();
  const waited = await room.wait(account.id, spender, wants, lack, { max: 1, deadlineMs: 5 }, clientOf());
  assert.deepEqual([waited, room.size], [{ lack }, 0]);
});

test('a client that leaves leaves its place', async () => {
  const { spender, hold, lack, room } = await fullPlace();
  const client = clientOf();
  const patience = { max: 2, deadlineMs: 5000 };
  const gone = room.wait(account.id, spender, wants, lack, patience, client);
  const second = room.wait(account.id, spender, wants, lack, patience, clientOf());
  client.leave();
  await assert.rejects(gone, (error) => error instanceof GatewayError && error.code === 'aborted');
  hold.settle([0]);
  assert.ok('hold' in (await second));
});
