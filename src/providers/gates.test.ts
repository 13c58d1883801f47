import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../core/errors.ts';
import type { Closable } from '../core/pipeline.ts';
import { Gates } from './gates.ts';

const limit = { maxConcurrent: 2, maxQueued: 2, queueTimeoutMs: 60_000 };

const present: Closable = { closed: false, onClose: () => () => {} };

function leaving(): { readonly client: Closable; readonly leave: () => void } {
  let listener = (): void => {};
  return { client: { closed: false, onClose: (heard) => ((listener = heard), () => {}) }, leave: () => listener() };
}

const code = (expected: string) => (error: unknown) => error instanceof GatewayError && error.code === expected;

/** Settles in the turns of promises that pass until then. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise(setImmediate);
  return settled;
}

describe('calls at a provider stay within its limit', () => {
  test('up to the limit they go at once; the next waits for a place, in order', async () => {
    const gates = new Gates();
    await gates.enter('a', limit, present);
    await gates.enter('a', limit, present);
    const third = gates.enter('a', limit, present);
    const fourth = gates.enter('a', limit, present);
    assert.deepEqual(gates.states(), { a: { inFlight: 2, queued: 2 } });
    assert.equal(await isSettled(third), false);
    gates.leave('a');
    await third;
    assert.equal(await isSettled(fourth), false);
    assert.deepEqual(gates.states(), { a: { inFlight: 2, queued: 1 } });
    gates.leave('a');
    await fourth;
    gates.leave('a');
    gates.leave('a');
    assert.deepEqual(gates.states(), { a: { inFlight: 0, queued: 0 } });
  });

  test('a full queue refuses at once, and other providers are not concerned', async () => {
    const gates = new Gates();
    const one = { ...limit, maxConcurrent: 1, maxQueued: 1 };
    await gates.enter('a', one, present);
    const waiting = gates.enter('a', one, present);
    await assert.rejects(gates.enter('a', one, present), code('overloaded'));
    await gates.enter('b', one, present);
    gates.leave('a');
    await waiting;
  });

  test('who waits too long is refused, and leaves the queue', async () => {
    const gates = new Gates();
    const short = { maxConcurrent: 1, maxQueued: 1, queueTimeoutMs: 1 };
    await gates.enter('a', short, present);
    await assert.rejects(gates.enter('a', short, present), code('overloaded'));
    gates.leave('a');
    assert.deepEqual(gates.states(), { a: { inFlight: 0, queued: 0 } });
  });

  test('a client that leaves gives its place in the queue up', async () => {
    const gates = new Gates();
    const one = { ...limit, maxConcurrent: 1 };
    await gates.enter('a', one, present);
    const { client, leave } = leaving();
    const waiting = gates.enter('a', one, client);
    leave();
    await assert.rejects(waiting, code('aborted'));
    gates.leave('a');
    assert.deepEqual(gates.states(), { a: { inFlight: 0, queued: 0 } });
  });

  test('a client that has left already never waits', async () => {
    const gates = new Gates();
    const one = { ...limit, maxConcurrent: 1 };
    await gates.enter('a', one, present);
    const gone: Closable = { closed: true, onClose: (heard) => (heard(), () => {}) };
    await assert.rejects(gates.enter('a', one, gone), code('aborted'));
    assert.deepEqual(gates.states(), { a: { inFlight: 1, queued: 0 } });
  });
});
