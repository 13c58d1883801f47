import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recommendations } from '../src/analytics/recommendation.ts';
import { sendJson } from './client.ts';
import { startGateway, temporaryFolder, vendorsAt } from './harness.ts';
import { adminToken, asAdmin } from './keyed.ts';
import { startProgram } from './program.ts';
import { answerChat, startUpstream } from './upstream.ts';

const body = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hello' }] };

test('recommendations out of live traffic: by API and command line the same, a wrong span refused', async (t) => {
  const dataDir = await temporaryFolder(t);
  const upstream = await startUpstream(t, answerChat);
  const gateway = await startGateway(t, { providers: vendorsAt(upstream.url, {}), config: { server: { adminToken } }, dataDir });
  for (let at = 0; at < 4; at++)
    await sendJson(`${gateway.url}/v1/chat/completions`, body, { 'x-modicum-user': 'u', 'x-modicum-app': 'faq' });
  await gateway.records(4);

  const { status, json } = await asAdmin(gateway.url, 'GET', '/api/recommendations?from=0');
  const told = json as unknown as Recommendations;
  assert.deepEqual([status, told.calls, told.unpriced, told.isCut], [200, 4, 0, false]);
  assert.deepEqual(told.recommendations.map(({ kind, app, calls, confidence }) => [kind, app, calls, confidence.level]), [['repeated_call', 'faq', 3, 'low']]); // prettier-ignore
  const [{ evidence, savedUsd }] = told.recommendations as [Recommendations['recommendations'][number]];
  assert.ok(Number(savedUsd) > 0);
  const shown = await asAdmin(gateway.url, 'POST', '/api/query', evidence.query);
  assert.equal((shown.json as { totals: { values: unknown[] } }).totals.values[1], 3);
  for (const wrong of ['from=yesterday', 'from=2&to=1']) assert.equal((await asAdmin(gateway.url, 'GET', `/api/recommendations?${wrong}`)).status, 400); // prettier-ignore

  const { out, code } = await startProgram(t, ['recommend', '--json', '--data', dataDir], { cwd: dataDir }).ended;
  assert.equal(code, 0);
  assert.deepEqual((JSON.parse(out) as Recommendations).recommendations[0]!.savedUsd, savedUsd);
  const { out: text } = await startProgram(t, ['recommend', '--data', dataDir], { cwd: dataDir }).ended;
  assert.match(text, /1\. \$\S+ {2}Identical calls, answered before in faq/);
  assert.match(text, /stages: \{ exactCache: observe \}/);
});
