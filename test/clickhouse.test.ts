import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Query } from '../src/analytics/query.ts';
import { ran } from '../src/cli/testing.ts';
import { noChdb, serveChdb } from '../src/ledger/clickhouse/testing.ts';
import { sendJson } from './client.ts';
import { patienceMs, startGateway, temporaryFolder, vendorsAt, type Cleanup, type Gateway } from './harness.ts';
import { adminToken, asAdmin } from './keyed.ts';
import { answerChat, startUpstream } from './upstream.ts';

const body = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hello' }] };

async function started(t: Cleanup, insight: object): Promise<Gateway> {
  const upstream = await startUpstream(t, answerChat);
  const config = { server: { adminToken }, insight };
  return startGateway(t, { providers: vendorsAt(upstream.url, {}), config, dataDir: await temporaryFolder(t) });
}

const send = ({ url }: Gateway, user: string) => sendJson(`${url}/v1/chat/completions`, body, { 'x-modicum-user': user });

async function until(gateway: Gateway, query: Query, is: (answer: Answer) => boolean): Promise<Answer> {
  for (const end = Date.now() + patienceMs; ; await sleep(100)) {
    const { status, json } = await asAdmin(gateway.url, 'POST', '/api/query', query);
    const answer = json as unknown as Answer;
    if ((status === 200 && is(answer)) || Date.now() > end) return answer;
  }
}

const byName = ([one]: readonly unknown[], [other]: readonly unknown[]): number => (String(one) < String(other) ? -1 : 1);

suite('gateways with one ClickHouse', { skip: noChdb }, () => {
  test('answer from the calls of both, delete a user there, and go on when it was away', async (t) => {
    const server = await serveChdb();
    t.after(server.close);
    const insight = { engine: 'clickhouse', clickhouse: { url: server.url, database: 'both', intervalMs: 100 } } as const;
    const [first, second] = [await started(t, insight), await started(t, insight)];
    await send(first, 'ann');
    await send(second, 'ann');
    await send(second, 'bob');
    const byUser: Query = { measures: ['calls', 'costUsd'], dimensions: ['user'] };
    const both = await until(first, byUser, ({ totals }) => totals.values[0] === 3);
    assert.deepEqual(both.rows.map(({ keys, values }) => [keys[0], values[0]]).toSorted(byName), [['ann', 2], ['bob', 1]]); // prettier-ignore

    const config = join(await temporaryFolder(t), 'modicum.json');
    writeFileSync(config, JSON.stringify({ dataDir: second.dataDir, insight }));
    const asked = await ran(['query', '--measures', 'calls', '--config', config, '--json']);
    assert.equal((JSON.parse(asked.out) as Answer).totals.values[0], 3);
    const deleted = await ran(['ledger', 'delete', '--user', 'ann', '--config', config, '--json']);
    const { calls, clickhouse } = JSON.parse(deleted.out) as { calls: number; clickhouse: { deleted: boolean } };
    assert.deepEqual([deleted.code, calls, clickhouse.deleted], [0, 1, true]);
    const left = await until(first, byUser, ({ rows }) => rows.length === 1);
    assert.deepEqual(left.rows.map(({ keys }) => keys[0]), ['bob']); // prettier-ignore

    server.isAway = true;
    await send(first, 'cai');
    const { status, text } = await asAdmin(first.url, 'POST', '/api/query', byUser);
    assert.equal(status, 500, text);
    server.isAway = false;
    const back = await until(second, byUser, ({ rows }) => rows.length === 2);
    assert.equal(back.totals.values[0], 2);
  });
});
