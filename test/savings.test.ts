import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStores } from '../src/stores/open.ts';
import { sendJson } from './client.ts';
import { configOf, startGateway, temporaryFolder, vendorsAt } from './harness.ts';
import { adminToken, asAdmin } from './keyed.ts';
import { startProgram } from './program.ts';
import { answerChat, startUpstream } from './upstream.ts';

const body = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hello' }] };
const config = { server: { adminToken }, savings: { holdout: 0.3, stages: { promptCache: 'on', promptRepair: 'on' } } } as const;

test('each call is on a side by its session, told by API and command line; what switched itself outlives a restart and is switched on again', async (t) => {
  const dataDir = await temporaryFolder(t);
  const upstream = await startUpstream(t, answerChat);
  const options = { providers: vendorsAt(upstream.url, {}), config, dataDir };
  const { state } = configOf(options);
  const stores = await createStores(state, dataDir);
  await stores.sessions.put('savings.switched/prompt-repair', JSON.stringify({ at: 1, reason: 'a test' }), 60_000);
  await stores.close();

  const gateway = await startGateway(t, options);
  const send = (headers: Readonly<Record<string, string>>) => sendJson(`${gateway.url}/v1/chat/completions`, body, headers);
  for (let at = 0; at < 12; at++) await send({ 'x-modicum-session': `s${at % 6}` });
  await send({ 'x-modicum-session': 's0', 'x-modicum-savings': 'off' });
  const records = await gateway.records(13);
  const sides = records.slice(0, 12).map(({ labels, annotations }) => `${labels.session} ${annotations?.unit} ${annotations?.arm}`);
  assert.deepEqual(sides.slice(6), sides.slice(0, 6));
  assert.deepEqual(new Set(records.slice(0, 12).map(({ annotations }) => annotations?.arm)), new Set(['treatment', 'holdout']));
  assert.equal(records[12]?.annotations?.arm, undefined);
  assert.ok(
    records.every(({ annotations }) => !annotations?.treated?.includes('prompt-repair')),
    'it is switched',
  );

  const { json } = await asAdmin(gateway.url, 'GET', '/api/savings');
  const told = json as { calls: number; total: { sessions: { treated: number; controls: number } }; switched: object };
  assert.deepEqual([told.calls, told.total.sessions.treated + told.total.sessions.controls], [13, 6]);
  assert.deepEqual(told.switched, { 'prompt-repair': { at: 1, reason: 'a test' } });
  for (const [path, status] of [['/api/savings?by=day', 400], ['/api/savings?since=tomorrow', 400]] as const)
    assert.equal((await asAdmin(gateway.url, 'GET', path)).status, status); // prettier-ignore
  assert.equal((await asAdmin(gateway.url, 'POST', '/api/savings/nonsense/resume')).status, 404);

  const { out, code } = await startProgram(t, ['savings', '--by', 'app', '--json', '--data', dataDir], { cwd: dataDir }).ended;
  assert.deepEqual([code, (JSON.parse(out) as { calls: number }).calls], [0, 13]);
  const table = await startProgram(t, ['savings', '--data', dataDir], { cwd: dataDir }).ended;
  assert.match(table.out, /prompt-cache .* not yet known/);

  const resumed = await asAdmin(gateway.url, 'POST', '/api/savings/promptRepair/resume');
  assert.deepEqual(resumed.json, { stage: 'prompt-repair', wasSwitched: true });
  await send({ 'x-modicum-session': 's0' });
  const { annotations } = (await gateway.records(14)).at(-1)!;
  assert.ok([...(annotations?.treated ?? []), ...(annotations?.held ?? [])].includes('prompt-repair'));
  await gateway.close();
  const again = await startGateway(t, options);
  const after = await asAdmin(again.url, 'GET', '/api/savings');
  assert.deepEqual([after.status, (after.json as { switched: object }).switched], [200, {}], JSON.stringify([after.json, again.log]));
});
