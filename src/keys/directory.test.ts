import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { StoreUnavailableError } from '../core/store-errors.ts';
import type { KeyStore, VirtualKey } from '../core/stores.ts';
import { keyActs } from './acts.ts';
import { maxRememberedSecrets, openKeyDirectory } from './directory.ts';
import { newSecret } from './secret.ts';

/** Keys in an array, that may go away. */
function fakeStore() {
  const keys = new Map<string, VirtualKey>();
  const state = { isAway: false, version: 0, reads: 0 };
  const answered = <T>(value: () => T): Promise<T> =>
    state.isAway ? Promise.reject(new StoreUnavailableError('fake', 'told so')) : Promise.resolve(value());
  const store: KeyStore = {
    all: () => answered(() => ((state.reads += 1), [...keys.values()])),
    put: (key) => answered(() => ((state.version += 1), void keys.set(key.id, key))),
    version: () => answered(() => state.version),
  };
  return { store, state };
}

async function standing({ maxStaleMs = 60_000 } = {}) {
  const { store, state } = fakeStore();
  const clock = { now: 1_000_000 };
  const told: (string | undefined)[] = [];
  const options = { store, now: () => clock.now, refreshMs: 1, maxStaleMs, away: (error?: Error) => void told.push(error?.name) };
  const directory = await openKeyDirectory(options);
  const acts = keyActs({ store, now: () => clock.now, changed: () => directory.refresh() });
  return { directory, acts, clock, state, store, told };
}

suite('the directory of keys', () => {
  test('finds a key by its secret, and says why another opens nothing', async (t) => {
    const { directory, acts, clock } = await standing();
    t.after(() => directory.close());
    const { key, secret } = await acts.create({ name: 'a', expiresAt: clock.now + 10 });
    assert.equal(directory.find(secret).key?.id, key.id);
    assert.equal(directory.find(newSecret()).fault, 'unknown');
    assert.equal(directory.find(`${secret}x`).fault, 'malformed');
    clock.now += 10;
    assert.equal(directory.find(secret).fault, 'expired');
    await acts.revoke('a');
    assert.equal(directory.find(secret).fault, 'revoked');
    assert.equal(directory.size, 1, 'a revoked key still is one');
  });

  test('takes a former secret until its overlap ends, to the millisecond', async (t) => {
    const { directory, acts, clock } = await standing();
    t.after(() => directory.close());
    const { secret: first } = await acts.create({ name: 'a' });
    const { secret: second } = await acts.rotate('a', 1000);
    clock.now += 999;
    assert.equal(directory.find(first).fault, undefined);
    clock.now += 1;
    assert.equal(directory.find(first).fault, 'rotated');
    assert.equal(directory.find(second).fault, undefined);
    await acts.rotate('a', 1000);
    assert.equal(directory.find(first).fault, 'unknown', 'only the last one goes on');
    await acts.revoke('a');
    assert.equal(directory.find(second).fault, 'revoked');
    await assert.rejects(acts.rotate('a', 0), { code: 'invalid_request' });
  });

  test('sees what another process changed, and reads keys only when something did', async (t) => {
    const { directory, store, state } = await standing();
    t.after(() => directory.close());
    const reads = state.reads;
    await directory.refresh();
    assert.equal(state.reads, reads);
    const { secret } = await keyActs({ store, now: () => 0 }).create({ name: 'b' });
    await directory.refresh();
    assert.equal(directory.find(secret).key?.name, 'b');
  });

  test('trusts its copy for a time while the store is away, and comes back by itself', async (t) => {
    const { directory, clock, state, told } = await standing({ maxStaleMs: 100 });
    t.after(() => directory.close());
    const settled = async (): Promise<void> => {
      const before = told.length;
      while (told.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    state.isAway = true;
    await settled();
    clock.now += 100;
    assert.equal(directory.isStale, false);
    clock.now += 1;
    assert.equal(directory.isStale, true);
    state.isAway = false;
    await settled();
    assert.equal(directory.isStale, false);
    assert.deepEqual(told, ['StoreUnavailableError', undefined]);
  });

  test('finds all of more keys than it remembers secrets of', async (t) => {
    const { directory, store } = await standing();
    t.after(() => directory.close());
    const acts = keyActs({ store, now: () => 0 });
    const secrets: string[] = [];
    for (let at = 0; at <= maxRememberedSecrets; at += 1) secrets.push((await acts.create({ name: `k${at}` })).secret);
    await directory.refresh();
    for (const round of [1, 2]) for (const secret of secrets) assert.equal(directory.find(secret).fault, undefined, String(round));
  });
});
