import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendJson } from './client.ts';
import { startGateway, until, vendorsAt } from './harness.ts';
import { answerChat, chat, startUpstream } from './upstream.ts';

test('calls beyond the connections to a provider wait their turn; one whose client leaves meanwhile never leaves the gateway', async (t) => {
  const held: (() => void)[] = [];
  const upstream = await startUpstream(t, async (request, response) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return answerChat(request, response);
  });
  const gateway = await startGateway(t, { providers: vendorsAt(upstream.url, { connections: 1 }) });
  const url = `${gateway.url}/v1/chat/completions`;
  const first = sendJson(url, chat);
  await until(() => held.length === 1, 'the first call at the provider');
  const leaving = new AbortController();
  const second = fetch(url, { method: 'POST', body: JSON.stringify(chat), signal: leaving.signal });
  const third = sendJson(url, chat);
  await until(() => (gateway.app.status() as { readonly inFlight: number }).inFlight === 3, 'three calls in the gateway');
  leaving.abort();
  await assert.rejects(second, { name: 'AbortError' });
  held[0]!();
  assert.equal((await first).status, 200);
  await until(() => held.length === 2, 'the third call at the provider');
  held[1]!();
  assert.equal((await third).status, 200);
  const records = await gateway.records(3);
  assert.equal(upstream.arrived.length, 2, 'the provider never saw the second');
  const left = records.find(({ outcome }) => outcome === 'aborted')!;
  assert.deepEqual([left.status, left.cost.total], [499, 0], 'what never left costs nothing');
});
