import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { bodyHash, getBody } from './bodies.ts';
import { findCall, tail } from './calls.ts';
import { openLedgerDatabase } from './database.ts';
import { call, temporaryDir } from './fixtures.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { report } from './report.ts';
import type { LedgerOptions } from './settings.ts';

/** A ledger that is closed when the test ends, also when it fails. */
async function opened(context: TestContext, options: LedgerOptions): Promise<Ledger> {
  const ledger = await openLedger(options);
  context.after(() => ledger.close().catch(() => {}));
  return ledger;
}

const rows = (dir: string): number => report(dir, { by: [] }).totals.calls;

test('what is appended is in a report at once, while the ledger is open', async (context) => {
  const dir = temporaryDir(context);
  const ledger = await opened(context, { dir });
  for (let count = 0; count < 250; count++) ledger.append(call());
  await ledger.durable();
  assert.equal(rows(dir), 250);
  ledger.append(call());
  await ledger.close();
  assert.equal(rows(dir), 251);
});

test('a ledger opened again goes on', async (context) => {
  const dir = temporaryDir(context);
  for (let round = 0; round < 3; round++) {
    const ledger = await opened(context, { dir });
    ledger.append(call());
    await ledger.close();
  }
  assert.deepEqual(tail(dir, { limit: 9 }).map(({ sequence }) => sequence), [1, 2, 3]); // prettier-ignore
});

test('durable resolves at once when nothing waits, and for several waiters', async (context) => {
  const ledger = await opened(context, { dir: temporaryDir(context) });
  await ledger.durable();
  ledger.append(call());
  await Promise.all([ledger.durable(), ledger.durable()]);
  assert.deepEqual([ledger.health().queuedBytes, ledger.health().ok, ledger.health().appended], [0, true, 1]);
  await ledger.close();
});

test('records beyond the limit of the queue are dropped, counted and told; the others are kept', async (context) => {
  const dir = temporaryDir(context);
  const alerts: string[] = [];
  const ledger = await opened(context, { dir, maxQueuedBytes: 64 << 10, alert: (message) => alerts.push(message) });
  for (let count = 0; count < 1000; count++) ledger.append(call());
  const { dropped, appended, ok } = ledger.health();
  assert.deepEqual([dropped > 0, dropped + appended, ok], [true, 1000, false]);
  assert.deepEqual(alerts, ['records are being dropped: the disk does not keep up, or refuses them']);
  await ledger.durable();
  assert.equal(ledger.health().ok, true);
  await ledger.close();
  assert.equal(rows(dir), appended);
});

test('append never throws: not for a record that is no JSON, not after the end', async (context) => {
  const dir = temporaryDir(context);
  const ledger = await opened(context, { dir });
  ledger.append({ ...call(), status: 5n as unknown as number });
  await ledger.close();
  ledger.append(call());
  assert.equal(ledger.health().dropped, 2);
});

test('a second gateway on the same directory is refused, with the first one named; later it may', async (context) => {
  const dir = temporaryDir(context);
  const ledger = await opened(context, { dir });
  await assert.rejects(openLedger({ dir }), new RegExp(`another gateway \\(process ${process.pid} on .*\\) writes to`));
  await ledger.close();
  await (await openLedger({ dir })).close();
});

test('a directory made by a newer program is refused', async (context) => {
  const dir = temporaryDir(context);
  const database = openLedgerDatabase(dir);
  database.exec(`INSERT INTO schema_version VALUES (99, 'x', 0)`);
  database.close();
  await assert.rejects(openLedger({ dir }), /schema version 99.*newer program/);
  assert.throws(() => report(dir, { by: [] }), /schema version 99/);
});

test('while the disk refuses, records wait and the failure is told; when it takes again they are written', async (context) => {
  const dir = temporaryDir(context);
  const ledger = await opened(context, { dir });
  writeFileSync(join(dir, 'journal'), 'a file where the directory should be');
  ledger.append(call());
  while (ledger.health().lastError === undefined) await wait(5); // told by message, after the failure was counted
  assert.ok(ledger.health().journalFailures > 0);
  assert.match(String(ledger.health().lastError), /the journal could not be written, trying again/);
  assert.equal(existsSync(join(dir, 'journal', '00000001.log')), false);
  unlinkSync(join(dir, 'journal'));
  await ledger.durable();
  await ledger.close();
  assert.equal(rows(dir), 1);
});

test('closing while the disk refuses says what was lost', async (context) => {
  const dir = temporaryDir(context);
  const ledger = await opened(context, { dir });
  writeFileSync(join(dir, 'journal'), '');
  ledger.append(call());
  await assert.rejects(ledger.close(), /closed with \d+ bytes of records unwritten: the journal could not be written/);
});

test('bodies are stored off the thread, by their hash, the same ones once', async (context) => {
  const dir = temporaryDir(context);
  const ledger = await opened(context, { dir });
  const body = Buffer.from('{"messages":[]}'.repeat(500));
  assert.deepEqual([ledger.putBody(body), ledger.putBody(body)], [bodyHash(body), bodyHash(body)]);
  await ledger.close();
  assert.deepEqual(getBody(dir, bodyHash(body)), body);
  assert.equal(getBody(dir, bodyHash(Buffer.from('other'))), undefined);
});

test('bodies beyond the limit of their queue are dropped and counted', async (context) => {
  const dir = temporaryDir(context);
  const ledger = await opened(context, { dir, bodies: { maxQueuedBytes: 1000 } });
  ledger.putBody(Buffer.alloc(1001));
  assert.equal(ledger.health().droppedBodies, 1);
  ledger.putBody(Buffer.alloc(1000));
  assert.equal(ledger.health().droppedBodies, 1);
  await ledger.close();
});

/** Starts a process that appends and tells the ids that are safe; kills it without warning. */
async function killedAfter(dir: string, ms: number): Promise<{ readonly safe: ReadonlySet<string>; readonly sent: number }> {
  const child: ChildProcess = fork(new URL('./ledger.child.ts', import.meta.url), [dir], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const exited = once(child, 'close');
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'message');
  await wait(ms);
  child.kill('SIGKILL');
  await exited;
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter((line) => line !== ''); // prettier-ignore
  return { safe: new Set(lines), sent: lines.length };
}

test('kill -9 at random moments: no acknowledged record is lost, none is doubled', async (context) => {
  const dir = temporaryDir(context);
  const safe = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const killed = await killedAfter(dir, Math.random() * 400);
    for (const id of killed.safe) safe.add(id);
    const ids = tail(dir, { limit: 1e9 }).map(({ record }) => record.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(rows(dir), ids.length);
    const stored = new Set(ids);
    assert.deepEqual([...safe].filter((id) => !stored.has(id)), []); // prettier-ignore
  }
  assert.ok(safe.size > 0);
  assert.ok(findCall(dir, [...safe][0]!));
});
