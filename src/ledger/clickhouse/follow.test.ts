import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, temporaryDir } from '../fixtures.ts';
import { openLedger, type Ledger } from '../ledger.ts';
import { fakeServer, type FakeServer, type Statement } from './server.testing.ts';

const patienceMs = 30_000;

async function until(is: () => boolean): Promise<void> {
  for (const end = Date.now() + patienceMs; !is() && Date.now() < end;) await sleep(20);
  assert.ok(is());
}

interface Followed {
  readonly server: FakeServer;
  readonly ledger: Ledger;
  readonly alerts: readonly string[];
  readonly inserts: readonly Statement[];
  readonly open: () => Promise<Ledger>;
}

/** A ledger, and a server that takes everything and holds nothing. */
async function followed(context: TestContext): Promise<Followed> {
  const inserts: Statement[] = [];
  const server = await fakeServer(async (statement) => {
    if (statement.sql.startsWith('INSERT')) inserts.push(statement);
    return '{"meta":[],"data":[],"rows":0}';
  });
  const dir = temporaryDir(context);
  const alerts: string[] = [];
  const address = { url: server.url, database: 'modicum', timeoutMs: 5000 };
  const open = (): Promise<Ledger> =>
    openLedger({ dir, clickhouse: { address, intervalMs: 50 }, alert: (message) => void alerts.push(message) });
  const ledger = await open();
  context.after(async () => {
    await ledger.close();
    await server.close();
  });
  return { server, ledger, alerts, inserts, open };
}

const rowsOf = (inserts: readonly Statement[]): number =>
  inserts.reduce((sum, { data }) => sum + data.split('\n').filter((line) => line !== '').length, 0);

test('records get to the server by themselves, with a token for each batch', async (context) => {
  const { ledger, inserts } = await followed(context);
  ledger.append(call());
  ledger.append(call());
  await until(() => rowsOf(inserts) === 2);
  const { settings, sql } = inserts[0]!;
  assert.match(settings.get('insert_deduplication_token')!, /^[0-9a-f-]{36}:0-\d+$/);
  assert.match(sql, /^INSERT INTO `modicum`\.call \(id, at, .*\) FORMAT JSONCompactEachRow/);
  await until(() => ledger.health().clickhouse?.records === 0);
});

test('while the server is away records wait, somebody is told, and they go when it is back', async (context) => {
  const { server, ledger, alerts, inserts } = await followed(context);
  server.isAway = true;
  ledger.append(call());
  await until(() => (ledger.health().clickhouse?.records ?? 0) === 1 && ledger.health().clickhouse?.fault !== undefined);
  assert.ok(alerts.some((message) => message.startsWith('ClickHouse does not take records')));
  assert.equal(ledger.health().ok, true, 'calls go on');
  server.isAway = false;
  await until(() => rowsOf(inserts) === 1 && ledger.health().clickhouse?.fault === undefined);
});

test('what came last goes when the ledger closes, or with the next start', async (context) => {
  const { server, ledger, inserts, open } = await followed(context);
  ledger.append(call());
  await ledger.close();
  assert.equal(rowsOf(inserts), 1);
  server.isAway = true;
  const second = await open();
  second.append(call());
  await second.close();
  server.isAway = false;
  const third = await open();
  await until(() => rowsOf(inserts) === 2);
  await third.close();
});
