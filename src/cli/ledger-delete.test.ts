import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, temporaryDir } from '../ledger/fixtures.ts';
import { report } from '../ledger/report.ts';
import { exitCodes } from './errors.ts';
import { ledgerWith, ran } from './testing.ts';

const calls = [call({ labels: { user: 'ann' } }), call({ labels: { user: 'ann' } }), call({ labels: { user: 'bob' } })];
const left = (dir: string): number => report(dir, { by: ['user'] }).totals.calls;

test('a dry run tells how many calls would go', async (context) => {
  const dir = await ledgerWith(context, calls);
  const { code, out } = await ran(['ledger', 'delete', '--user', 'ann', '--dry-run', '--data', dir]);
  assert.deepEqual([code, left(dir)], [exitCodes.ok, 3]);
  assert.match(out, /^2 calls of ann would go/);
});

test('calls of a user are deleted, and told', async (context) => {
  const dir = await ledgerWith(context, calls);
  const { code, out } = await ran(['ledger', 'delete', '--user', 'ann', '--json', '--data', dir]);
  assert.equal(code, exitCodes.ok);
  assert.deepEqual(JSON.parse(out), { user: 'ann', id: 1, calls: 2, events: 0, bodies: 0 });
  assert.equal(left(dir), 1);
  assert.match((await ran(['ledger', 'delete', '--user', 'ann', '--data', dir])).out, /^0 calls of ann were deleted/);
});

test('a ClickHouse that is away is told by the exit code; here they are gone', async (context) => {
  const dataDir = await ledgerWith(context, calls);
  const config = join(temporaryDir(context), 'modicum.json');
  writeFileSync(config, JSON.stringify({ dataDir, insight: { engine: 'clickhouse', clickhouse: { url: 'http://127.0.0.1:1' } } }));
  const { code, out } = await ran(['ledger', 'delete', '--user', 'ann', '--config', config]);
  assert.equal(code, exitCodes.unreachable);
  assert.match(out, /ClickHouse: not yet \(.*\); the gateway deletes it there when it is back/);
  assert.equal(left(dataDir), 1);
  const asked = await ran(['query', '--config', config]);
  assert.equal(asked.code, exitCodes.unreachable);
  assert.match(asked.err, /ClickHouse could not answer: /);
});

for (const [argv, message] of [
  [['ledger', 'delete'], /--user names whose calls go/],
  [['ledger', 'forget', '--user', 'ann'], /"forget" is not delete/],
] as const)
  test(`modicum ${argv.join(' ')} is refused`, async () => {
    const { code, err } = await ran(argv);
    assert.equal(code, exitCodes.usage);
    assert.match(err, message);
  });
