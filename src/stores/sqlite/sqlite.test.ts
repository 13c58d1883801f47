import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askOf, counterOf, eventually, longMs } from '../conformance/using.ts';
import { keyOf } from '../conformance/keys.ts';
import { openSqliteStores, type SqliteOptions } from './index.ts';
import { openSqliteKeys, statePath } from './keys.ts';
import { cachePath } from './replies.ts';

async function inFolder(
  work: (dir: string, open: (options?: Partial<SqliteOptions>) => ReturnType<typeof openSqliteStores>) => Promise<void>,
) {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-state-'));
  try {
    await work(dir, (options) => openSqliteStores({ dir, maxReplyBytes: 10_000, ...options }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test('what was stated before a kill is there afterwards but for the last moment, and the dead owner waits to be corrected', () =>
  inFolder(async (dir, open) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('sqlite.child.ts', import.meta.url)), dir]);
    let told = '';
    child.stdout.on('data', (bytes: Buffer) => (told += bytes.toString()));
    await eventually(async () => told.split('\n').length > 100);
    const early = Number(told.split('\n').at(-2));
    await sleep(100);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const last = Number(told.split('\n').at(-2));

    const stores = await open();
    await eventually(async () => (await stores.budgets.read(['c']))[0]!.held === 0);
    const [state] = await stores.budgets.read(['c']);
    assert.ok(state!.spent >= early && state!.spent <= last + 1, `${early} <= ${state!.spent} <= ${last + 1}`);
    assert.deepEqual(await stores.budgets.expired(), [{ owner: 'child', counters: ['c'] }]);
    await stores.budgets.correct('child', [{ counter: counterOf('c'), spent: last, keep: 0 }]);
    assert.deepEqual(await stores.budgets.read(['c']), [{ id: 'c', spent: last, held: 0 }]);
    await stores.close();
  }));

test('an owner that held nothing when its process was killed may have said more than is on disk: it is listed too', () =>
  inFolder(async (dir, open) => {
    const before = await open();
    const counter = counterOf('c');
    await before.budgets.lease('a', askOf(counter, 10));
    await before.budgets.state('a', [{ counter, spent: 10, keep: 0 }], 1);
    await before.close();
    const database = new DatabaseSync(statePath(dir));
    database.exec('UPDATE run SET clean = 0');
    database.close();

    const after = await open();
    await eventually(async () => (await after.budgets.expired()).length === 1);
    await after.close();
    const again = await open();
    assert.deepEqual(await again.budgets.expired(), [{ owner: 'a', counters: ['c'] }], 'until it is corrected');
    await again.close();
  }));

test('one process holds the state; others may read and change keys beside it', () =>
  inFolder(async (dir, open) => {
    const stores = await open();
    await assert.rejects(open(), /another gateway .* writes to/);
    const keys = openSqliteKeys(dir);
    const version = await stores.keys.version();
    await keys.put(keyOf('key_cli'));
    assert.deepEqual(await stores.keys.all(), [keyOf('key_cli')]);
    assert.equal(await stores.keys.version(), version + 1);
    keys.close();
    await stores.close();
    await (await open()).close();
  }));

test('a cache that cannot be read is made anew, and a state that cannot be read is not', () =>
  inFolder(async (dir, open) => {
    writeFileSync(cachePath(dir), 'not a database, but something longer than a header of one hundred bytes'.repeat(20));
    const stores = await open();
    await stores.replies.put('r', Buffer.from('x'), longMs);
    assert.equal(Buffer.from((await stores.replies.get('r'))!).toString(), 'x');
    await stores.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(statePath(dir) + suffix, { force: true });
    writeFileSync(statePath(dir), 'not a database, but something longer than a header of one hundred bytes'.repeat(20));
    await assert.rejects(open(), /not a database/);
    await assert.rejects(open(), /not a database/, 'and the lock was given back');
  }));

test('the order of use outlives a restart', () =>
  inFolder(async (_, open) => {
    const first = await open({ maxReplyBytes: 300 });
    for (const key of ['a', 'b', 'c']) await first.replies.put(key, Buffer.alloc(100), longMs);
    await first.replies.get('a');
    await first.close();
    const second = await open({ maxReplyBytes: 300 });
    await second.replies.put('d', Buffer.alloc(100), longMs);
    assert.equal(await second.replies.get('b'), undefined);
    assert.equal((await second.replies.get('a'))?.length, 100);
    await second.close();
  }));

test('counters that cannot be written are told by health, kept, and written later', () =>
  inFolder(async (dir, open) => {
    const stores = await open({ flushEveryMs: 2 });
    const database = new DatabaseSync(statePath(dir));
    database.exec('ALTER TABLE counter RENAME TO away');
    await stores.limits.set('c', 5);
    await eventually(async () => stores.health() !== undefined);
    assert.match(stores.health()!, /counters cannot be written/);
    assert.deepEqual(await stores.limits.read(['c']), [{ id: 'c', spent: 5, held: 0 }]);
    database.exec('ALTER TABLE away RENAME TO counter');
    await eventually(async () => stores.health() === undefined);
    assert.equal(database.prepare('SELECT spent FROM counter').get()?.['spent'], 5);
    database.close();
    await stores.close();
  }));
