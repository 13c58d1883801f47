import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxFailures } from '../src/server/admin/attempts.ts';
import { scripted, words } from './calls.ts';
import { until } from './harness.ts';
import { workingFolder } from './program.ts';
import { ask, budgetOf, emulatorFor, many, recordsIn, serve, spentIn, type Served } from './served.ts';

const dollar = 1_000_000_000;
const budgets = [{ name: 'all', limit: { usd: 1 }, window: 'day' as const }];
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Process ids of workers that answer. */
async function workersOf({ url }: Pick<Served, 'url'>, count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  await until(async () => {
    const response = await fetch(`${url}/api/status`, { headers: { connection: 'close' } });
    found.add(((await response.json()) as { readonly pid: number }).pid);
    return found.size === count;
  }, `${count} workers that answer`);
  return [...found];
}

test('1,000 calls at one time over 4 workers: not a nano-dollar more than the budget, and ledger, bill and budget agree', async (t) => {
  const { emulator, url: upstream } = await emulatorFor(t);
  const served = await serve(t, workingFolder(t), upstream, { budgets, server: { workers: 4 } });
  assert.equal((await workersOf(served, 4)).includes(served.child.pid!), false, 'the first process serves nothing');
  const answers = await many(1000, () => ask(served.url, {}, scripted(words(1900))));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].filter((status) => ![200, 402, 429].includes(status)), []); // prettier-ignore
  assert.ok(answers.some(({ status }) => status === 402 || status === 429) && answers.some(({ status }) => status === 200));
  await until(() => recordsIn(served.dataDir).length === 1000, 'all records, from the journals of workers that run');
  const spent = spentIn(served.dataDir);
  assert.equal(BigInt(spent), emulator.bill().totals.costNanoUsd);
  assert.ok(spent <= dollar, `${spent}`);
  assert.ok(spent > 0.8 * dollar, `${spent}`);
  const view = await budgetOf(served.url);
  assert.deepEqual([view.spent, view.held], [spent, 0]);
  served.child.kill('SIGINT');
  assert.equal((await served.ended).code, 0);
  assert.equal(recordsIn(served.dataDir).length, 1000);
});

test('1,000 calls at one time over 4 workers without output caps: at most what the calls let in cost beyond their reservation', async (t) => {
  const outputTokens = 500;
  const { emulator, url: upstream } = await emulatorFor(t);
  const served = await serve(t, workingFolder(t), upstream, { budgets, allowances: { outputTokens }, server: { workers: 4 } });
  await workersOf(served, 4);
  const uncapped = { max_completion_tokens: undefined };
  const answers = await many(1000, () => ask(served.url, uncapped, scripted(words(1900))));
  await until(() => recordsIn(served.dataDir).length === 1000, 'all records');
  const made = recordsIn(served.dataDir).filter(({ attempts }) => attempts.length > 0);
  const spent = spentIn(served.dataDir);
  assert.equal(BigInt(spent), emulator.bill().totals.costNanoUsd);
  assert.ok(answers.some(({ status }) => status === 402 || status === 429));
  const dearest = Math.max(...made.map(({ cost }) => cost.total ?? 0));
  const reserved = outputTokens * 2000; // gpt-5-mini: $2 a million tokens out; its input comes on top
  assert.ok(spent > dollar, 'answers longer than reserved do cost more');
  assert.ok(spent <= dollar + Math.ceil(dollar / reserved) * (dearest - reserved), `${spent}`);
  await until(async () => (await budgetOf(served.url)).spent === spent, 'the budget to say what the ledger says');
  assert.equal((await ask(served.url, uncapped)).status, 402, 'what was too much is counted, and nothing more is let in');
});

test('failed log-ins are counted over all workers', async (t) => {
  const { url: upstream } = await emulatorFor(t);
  const adminToken = 'admin-token-0123456789';
  const served = await serve(t, workingFolder(t), upstream, { server: { workers: 4, adminToken } });
  const login = async (token: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', connection: 'close' };
    return (await fetch(`${served.url}/api/login`, { method: 'POST', headers, body: JSON.stringify({ token }) })).status;
  };
  const statuses = await Promise.all(Array.from({ length: 60 }, () => login('wrong')));
  assert.equal(statuses.filter((status) => status === 401).length, maxFailures);
  assert.equal(statuses.filter((status) => status === 429).length, 60 - maxFailures);
  for (let turn = 0; turn < 8; turn += 1) assert.equal(await login(adminToken), 429, 'by no worker');
});

test('a worker killed in the middle of calls: others go on, another takes its place, and its lease ends', async (t) => {
  const { url: upstream } = await emulatorFor(t, { pacing: { firstByteMs: 1500 } });
  const allowances = { leaseTtlMs: 2000, statementMs: 1000 };
  const served = await serve(t, workingFolder(t), upstream, { budgets, allowances, server: { workers: 2 } });
  const [victim] = await workersOf(served, 2);
  const calls = many(40, () => ask(served.url, {}, scripted(words(1900))));
  await sleep(700);
  process.kill(victim!, 'SIGKILL');
  const answers = await calls;
  assert.ok(answers.some(({ status }) => status === 0), 'calls of the dead worker broke'); // prettier-ignore
  assert.ok(answers.some(({ status }) => status === 200), 'calls of the other one did not'); // prettier-ignore
  await workersOf(served, 2);
  await until(async () => {
    const { spent, held } = await budgetOf(served.url);
    return held === 0 && spent === spentIn(served.dataDir);
  }, 'nothing held, and the budget spent what the ledger says');
  const { left } = await budgetOf(served.url);
  // A phantom would refuse this one: all that is left may be used.
  const most = Math.floor((left! - 10_000_000) / 2000);
  assert.equal((await ask(served.url, { max_completion_tokens: Math.min(most, 100_000) }, scripted('Blue.'))).status, 200);
});

test('the first process killed: no worker stays, none takes calls, and a new gateway goes on from the journals', async (t) => {
  const { url: upstream } = await emulatorFor(t);
  const cwd = workingFolder(t);
  const allowances = { leaseTtlMs: 2000 };
  const config = { budgets, allowances, server: { workers: 2, limits: { shutdownGraceMs: 500 } } };
  const first = await serve(t, cwd, upstream, config);
  const pids = await workersOf(first, 2);
  assert.ok((await many(20, () => ask(first.url, {}, scripted(words(50))))).every(({ status }) => status === 200));
  first.child.kill('SIGKILL');
  await first.ended;
  await until(() => !pids.some(alive), 'workers are gone');
  assert.equal((await ask(first.url)).status, 0);
  const second = await serve(t, cwd, upstream, config);
  assert.equal(recordsIn(second.dataDir).length, 20);
  await until(async () => (await ask(second.url, {}, scripted('Blue.'))).status === 200, 'leases of the dead to end');
  await until(async () => (await budgetOf(second.url)).spent === spentIn(second.dataDir), 'the budget to say what the ledger says');
});

test('a key made at one worker is known to all at once', async (t) => {
  const { url: upstream } = await emulatorFor(t);
  const config = { keys: { required: true, refreshMs: 60_000 }, server: { workers: 3 } };
  const served = await serve(t, workingFolder(t), upstream, config);
  const made = await fetch(`${served.url}/api/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'one' }),
  });
  const { secret } = (await made.json()) as { readonly secret: string };
  const headers = { ...scripted('Blue.'), authorization: `Bearer ${secret}`, connection: 'close' };
  assert.deepEqual([...new Set((await many(12, () => ask(served.url, {}, headers))).map(({ status }) => status))], [200]);
  served.child.kill('SIGTERM');
  assert.equal((await served.ended).code, 0);
});
