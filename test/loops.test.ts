import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { sendJson } from './client.ts';
import { startGateway, vendorsAt, type Gateway } from './harness.ts';
import { answerChat, startUpstream, type Upstream } from './upstream.ts';

const path = '/v1/chat/completions';

/** An agent that has read the same file so many times. */
const agent = (times: number) => ({
  model: 'gpt-5-mini',
  messages: [
    { role: 'user', content: 'Fix a.ts.' },
    ...Array.from({ length: times }, (_, at) => [
      { role: 'assistant', content: null, tool_calls: [{ id: `c${at}`, type: 'function', function: { name: 'read', arguments: '{"path":"a.ts"}' } }] }, // prettier-ignore
      { role: 'tool', tool_call_id: `c${at}`, content: 'export const one = 1;' },
    ]).flat(),
  ],
});

async function start(t: TestContext, loops: object, apps = {}): Promise<{ readonly gateway: Gateway; readonly upstream: Upstream }> {
  const upstream = await startUpstream(t, answerChat);
  return { upstream, gateway: await startGateway(t, { providers: vendorsAt(upstream.url, {}), config: { loops, apps } }) };
}

test('by default a loop is marked in the record, and the call goes on byte for byte', async (t) => {
  const { gateway, upstream } = await start(t, {});
  for (const times of [2, 3]) {
    const back = await sendJson(`${gateway.url}${path}`, agent(times));
    assert.deepEqual([back.status, back.headers['x-modicum-warning']], [200, undefined]);
    assert.equal(upstream.arrived.at(-1)!.body.toString(), JSON.stringify(agent(times)));
  }
  const [first, second] = await gateway.records(2);
  assert.deepEqual([first?.annotations?.signals, second?.annotations?.signals], [undefined, ['loop:repeat']]);
});

test('a loop is told to client and model, or refused, by app', async (t) => {
  const apps = { strict: { loops: { action: 'refuse', repeats: 2 } }, quiet: { loops: { action: 'off' } } };
  const { gateway, upstream } = await start(t, { action: 'notice' }, apps);
  const told = await sendJson(`${gateway.url}${path}`, agent(3));
  assert.equal(told.status, 200);
  assert.match(String(told.headers['x-modicum-warning']), /^loop:repeat; read was called 3 times/);
  assert.match(upstream.arrived.at(-1)!.body.toString(), /export const one = 1;\\n\\n\[Note from the gateway: read was called 3 times/);
  const refused = await sendJson(`${gateway.url}/c/strict${path}`, agent(2));
  const { error } = JSON.parse(refused.body.toString()) as { readonly error: { readonly code: string; readonly message: string } };
  assert.deepEqual([refused.status, refused.headers['x-should-retry'], error.code], [422, 'false', 'loop_detected']);
  assert.match(error.message, /^read was called 2 times in a row with the same arguments and the same result\. To go on, /);
  assert.match(String(refused.headers['x-modicum-warning']), /^loop:repeat; /);
  const quiet = await sendJson(`${gateway.url}/c/quiet${path}`, agent(9));
  assert.deepEqual([quiet.status, quiet.headers['x-modicum-warning'], upstream.arrived.length], [200, undefined, 2]);
  const records = await gateway.records(3);
  assert.deepEqual(records.map(({ annotations }) => annotations?.signals), [['loop:repeat'], ['loop:repeat'], undefined]); // prettier-ignore
  assert.deepEqual([records[1]?.outcome, records[1]?.errorCode], ['refused', 'loop_detected']);
});
